using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>A graph with its source beside it: both are asked, and what differs is shown and stops nothing.</summary>
public sealed class ParityTests
{
    private const string Tested = "tests: { cases: tests/cases.jsonl, parity: model.py }\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoFormsThatAgree_AreEvidence_AndTheOtherIsNoPartOfTheVersion()
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Adder("[x + 1]");
        Operation deployed = await DeployedAsync(server, model);
        Assert.Empty(Warnings(deployed));
        VersionInfo version = (await server.Client.VersionsAsync("adder", Token)).Value.Items[0];
        EvidenceInfo parity = version.Evidence.Single(one => one.Kind == "parity");
        Assert.Equal((true, "2 rows, largest difference 0", 2, 0), (parity.Passed, parity.Summary, parity.Executed, parity.Failed));
        Assert.Equal(["model.onnx"], version.Files.Select(file => file.Path));
        // Another source is another test of the same version.
        File.WriteAllText(model.File("model.py"), Code("[x + 1.5]"));
        Assert.Contains(Warnings(await DeployedAsync(server, model)), warning => warning.Code == Catalogue.ParityDiffers.Code);
        Assert.Single((await server.Client.VersionsAsync("adder", Token)).Value.Items);
    }

    [Fact]
    public async Task RowsThatDiffer_AreNamed_AndTheVersionServes()
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Adder("[x + 1 if x < 2 else x + 1.25]");
        ProblemDetails warning = Assert.Single(Warnings(await DeployedAsync(server, model)));
        Assert.Equal((Catalogue.ParityDiffers.Code, "case in line 2, row 2: y is 3 by model.onnx and 3.25 by model.py."), (warning.Code, warning.Detail));
        EvidenceInfo parity = (await server.Client.VersionsAsync("adder", Token)).Value.Items[0].Evidence.Single(one => one.Kind == "parity");
        Assert.Equal((false, "1 of 3 rows differ, largest difference 0.25", 1), (parity.Passed, parity.Summary, parity.Failed));
    }

    [Fact]
    public async Task WhatCannotBeLoaded_IsAWarning_AndWhatWasNotSentIsNot()
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Adder("[x]");
        File.WriteAllText(model.File("model.py"), "import no_such_library\n" + Code("[x]"));
        ProblemDetails warning = Assert.Single(Warnings(await DeployedAsync(server, model)));
        Assert.Equal(Catalogue.ParityNotCompared.Code, warning.Code);
        Assert.Contains("no_such_library", warning.Detail, StringComparison.Ordinal);
        DeployRequest request = await server.UploadAsync(model.Folder);
        Assert.Equal(Catalogue.FileMissingInDeploy.Code, TestServer.Outcome(await server.DeployAsync("adder", request with { Files = [.. request.Files.Where(file => file.Path != "model.py")] })));
    }

    [Fact]
    public async Task ARealModelThatDiffersFromItsSource_IsShownToDoSo()
    {
        Assert.SkipUnless(SharedFiles.Present, "The real models are not here.");
        PythonHere.Needs("sklearn", "joblib");
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = new("iris");
        string source = SharedFiles.Path("models", "iris", "parity-gap");
        foreach (string file in new[] { "model.onnx", "model.joblib" })
            File.Copy(Path.Combine(source, file), model.File(file));
        // What is expected there is the source's answer; here only the two forms are compared.
        model.Cases([.. File.ReadLines(Path.Combine(source, "cases.jsonl")).Select(line => $$"""{"inputs":{{JsonElement.Parse(line).GetProperty("inputs").GetRawText()}}}""")]);
        model.Spec("tests: { cases: tests/cases.jsonl, parity: model.joblib }\n");
        ImmutableArray<ProblemDetails> warnings = Warnings(await DeployedAsync(server, model));
        Assert.Equal([21, 29, 38, 53], warnings.Where(warning => warning.Code == Catalogue.ParityDiffers.Code).Select(warning => int.Parse(warning.Detail.Split(' ', ':', ',')[3], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static TestModel Adder(string expression)
    {
        TestModel model = new("adder");
        model.Graph(TestModel.Adder(1)).Cases(TestModel.Case(1, 2), """{"inputs":{"x":[[1],[2]]}}""").Spec(Tested);
        if (expression == "[x + 1]")
            model.Cases(TestModel.Case(1, 2), TestModel.Case(2, 3));
        File.WriteAllText(model.File("model.py"), Code(expression));
        return model;
    }

    private static string Code(string expression) => $"class Model:\n    def predict(self, inputs):\n        return {{'y': [{expression} for (x,) in inputs['x']]}}\n";

    private static async Task<Operation> DeployedAsync(TestServer server, TestModel model)
    {
        Result<Operation> deployed = await server.DeployAsync(model);
        Assert.True(TestServer.Outcome(deployed) == "succeeded", TestServer.Words(deployed));
        return deployed.Value;
    }

    private static ImmutableArray<ProblemDetails> Warnings(Operation operation) => [.. operation.Steps.Where(step => step.Name == "tests").SelectMany(step => step.Warnings)];
}
