using Microsoft.Extensions.Time.Testing;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Xunit;

namespace Raywright.Core.Tests.Probing;

/// <summary>How long a trial is waited for: longer while packages are installed, and not for a model that loads for ever after it.</summary>
public sealed class ProbePatienceTests
{
    private const string Loading = """echo '{"Index":-1,"Milliseconds":0,"Progress":"loading"}';""";
    private const string Installing = """echo '{"Index":-1,"Milliseconds":0,"Progress":"installing","Installs":true}';""";

    [Theory]
    [InlineData(Installing, "installing", 10, false)]
    [InlineData(Installing, "installing", 17, true)]
    [InlineData(Installing + Loading, "loading", 3, true)]
    [InlineData(Loading, "loading", 3, true)]
    public async Task AChildThatSaysNothingMore_IsWaitedFor(string says, string last, int minutes, bool overdue)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The child is a shell.");
        FakeTimeProvider clock = new();
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ProbeClient probe = new(new ProbeCommand("/bin/sh", ["-c", $"read order; {says} read more"]), "environments", clock);
        using CancellationTokenSource leaving = new();
        Task<Result<ProbeReport>> running = probe.RunAsync(Source, [], TimeSpan.FromSeconds(1), leaving.Token, text =>
        {
            if (text == last)
                told.TrySetResult();
        });
        await told.Task;
        clock.Advance(TimeSpan.FromMinutes(minutes));
        if (!overdue)
            await leaving.CancelAsync();
        if (overdue)
            Assert.Equal(Catalogue.ProbeTimeout, (await running).Problems[0].Definition);
        else
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static RevisionSource Source => new(
        new RevisionConfig
        {
            Id = "model",
            Model = "model",
            Environment = "dev",
            Version = 1,
            Digest = "",
            Runtime = RuntimeKind.Python,
            Artifact = "model.joblib",
            Contract = Contract.None,
            Resources = new ResourcesConfig(1, 256L << 20),
            Batching = new BatchingConfig(1, TimeSpan.Zero),
        },
        "folder");
}
