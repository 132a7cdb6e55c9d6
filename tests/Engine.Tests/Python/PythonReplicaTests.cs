using System.Diagnostics;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Engine.Tests.Python;

/// <summary>What happens to calls while the process of a model answers, fails, hangs, dies and comes back.</summary>
public sealed class PythonReplicaTests
{
    private const string Double = """
        class Model:
            def predict(self, inputs):
                return {"y": [2 * x for x in inputs["x"]]}
        """;

    private const string Moody = """
        import os, time
        class Model:
            def predict(self, inputs):
                x = inputs["x"][0]
                if x == 1: raise ValueError("one is not taken")
                if x == 2: raise KeyError("secret")
                if x == 3: time.sleep(600)
                if x == 4: os._exit(7)
                if x == 5: return {"y": ["five"]}
                if x == 6: return {"z": [1]}
                if x == 7:
                    print("seven was asked")
                return {"y": [2 * x]}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AModel_AnswersBatches()
    {
        await using PythonEngine engine = await PythonEngine.StartAsync(Double);
        using Tensor input = Tensor.Of<double>(DataType.Float64, [3], [1, 2, double.MaxValue / 2]);
        Result<Tensor[]> answer = await engine.Target.InferAsync(new InferenceCall([input], "r", TimeSpan.FromSeconds(20)), Token);
        using Tensor only = Assert.Single(answer.Value);
        Assert.Equal([2, 4, double.MaxValue], only.Values<double>().ToArray());
    }

    [Fact]
    public async Task Exceptions_AreTheCallersOrTheModels()
    {
        await using PythonEngine engine = await PythonEngine.StartAsync(Moody);
        Problem refused = (await engine.AskAsync(1)).Problems[0];
        Assert.Equal((Catalogue.ModelRefused, "one is not taken"), (refused.Definition, refused.Detail));
        Problem raised = (await engine.AskAsync(2, id: "request-two")).Problems[0];
        Assert.Equal(Catalogue.ModelRaised, raised.Definition);
        Assert.DoesNotContain("secret", raised.Detail, StringComparison.Ordinal);
        Assert.Equal(Catalogue.OutputShape, (await engine.AskAsync(5)).Problems[0].Definition);
        Assert.Equal(Catalogue.OutputShape, (await engine.AskAsync(6)).Problems[0].Definition);
        Assert.Equal(20, await engine.NumberAsync(10));
        await Eventually.TrueAsync(async () => (await engine.LinesAsync()).Any(line => line.RequestId == "request-two" && line.Text.Contains("KeyError", StringComparison.Ordinal)), "the stack is in the log under the request");
    }

    [Fact]
    public async Task WhatItPrints_IsInTheLog_UnderTheRequest()
    {
        await using PythonEngine engine = await PythonEngine.StartAsync(Moody);
        await engine.AskAsync(7, id: "request-seven");
        await Eventually.TrueAsync(async () => (await engine.LinesAsync()).Any(line => line is { Stream: "stdout", RequestId: "request-seven", Text: "seven was asked" }), "the line is there");
    }

    [Fact]
    public async Task AModelThatHangs_IsLeftAtItsDeadline_AndTheNextCallIsAnswered()
    {
        await using PythonEngine engine = await PythonEngine.StartAsync(Moody);
        Assert.Equal(Catalogue.DeadlineExceeded, (await engine.AskAsync(3, seconds: 0.3)).Problems[0].Definition);
        Assert.Equal(20, await engine.NumberAsync(10));
    }

    [Fact]
    public async Task ACallThatIsCancelled_FreesTheReplica()
    {
        await using PythonEngine engine = await PythonEngine.StartAsync(Moody);
        using CancellationTokenSource leaving = new();
        Task<Result<Tensor[]>> left = engine.AskAsync(3, seconds: 60, leaving: leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(20, await engine.NumberAsync(10));
    }

    [Fact]
    public async Task AModelThatEndsItsProcess_FailsThatCallAlone()
    {
        await using PythonEngine engine = await PythonEngine.StartAsync(Moody);
        Assert.Equal(Catalogue.ReplicaDied, (await engine.AskAsync(4)).Problems[0].Definition);
        Assert.Equal(20, await engine.NumberAsync(10));
        Assert.Contains("with status 7", await engine.LogAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_WhileIdle_NoCallFails()
    {
        await using PythonEngine engine = await PythonEngine.StartAsync(Double);
        for (int time = 0; time < 5; time++)
        {
            using Process child = await engine.ProcessAsync();
            child.Kill();
            await child.WaitForExitAsync(Token);
            Assert.Equal(2, await engine.NumberAsync(1));
        }
    }

    [Fact]
    public async Task TwoReplicas_WorkSideBySide()
    {
        const string meeting = """
            import os, time
            class Model:
                def predict(self, inputs):
                    return {"y": [os.getpid()]}
            """;
        await using PythonEngine engine = await PythonEngine.StartAsync(meeting, revision => revision with { Replicas = 2 });
        await Eventually.TrueAsync(() => engine.State.ReadyReplicas == 2, "both are ready");
        HashSet<double> seen = [];
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (double process in await Task.WhenAll(engine.NumberAsync(0), engine.NumberAsync(0)))
                    seen.Add(process);
                return seen.Count == 2;
            },
            "both answer");
    }

    [Fact]
    public async Task CodeThatCannotBeImported_SaysWhere()
    {
        await using PythonEngine missing = await PythonEngine.StartAsync("import no_such_library\nclass Model:\n    def predict(self, inputs): return inputs\n");
        Assert.Equal((RevisionHealth.Unhealthy, Catalogue.PythonLibraryMissing), (missing.State.Health, missing.State.Problem!.Definition));
        Assert.Contains("no_such_library", missing.State.Problem.Detail, StringComparison.Ordinal);
        await using PythonEngine broken = await PythonEngine.StartAsync("class Model:\n    def load(self, folder):\n        self.x = 1 / 0\n    def predict(self, inputs): return inputs\n");
        Assert.Equal(Catalogue.PythonModelFailed, broken.State.Problem!.Definition);
        Assert.Contains("model.py:3", broken.State.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_NothingIsLeft()
    {
        PythonEngine engine = await PythonEngine.StartAsync(Double);
        using Process child = await engine.ProcessAsync();
        await engine.DisposeAsync();
        Assert.True(child.HasExited);
    }

    /// <summary>A method that only returns a generator may be asked for a stream, but does not say so.</summary>
    [Theory]
    [InlineData("        yield {'y': [1.0]}\n", true)]
    [InlineData("        return {'y': [1.0]}\n    def stream(self, x):\n        yield 1\n", true)]
    [InlineData("        return {'y': [1.0]}\n", false)]
    [InlineData("        return iter([{'y': [1.0]}])\n", false)]
    public async Task AModelThatStreams_SaysSo(string predict, bool streams)
    {
        await using PythonEngine engine = await PythonEngine.StartAsync("class Model:\n    def predict(self, inputs):\n" + predict);
        Assert.Equal(streams, ((IStreamingTarget)engine.Target).Streams);
    }
}
