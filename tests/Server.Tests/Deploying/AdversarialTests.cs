using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>Files made to harm are refused or harmless, and the server answers afterwards as before.</summary>
public sealed class AdversarialTests(ServingServer serving) : IClassFixture<ServingServer>, IAsyncDisposable
{
    private readonly TestServer server = serving.Server;

    public static TheoryData<string, string> Graphs => Files(path => path.EndsWith(".onnx", StringComparison.Ordinal));

    public async ValueTask DisposeAsync() => await serving.AssertUntouchedAsync();

    [Theory]
    [MemberData(nameof(Graphs))]
    public async Task AnAdversarialGraphAsTheModel_IsRefusedOrHarmless(string path, string verdict)
    {
        string file = SharedFiles.Path("models", "adversarial", path);
        using TestModel model = new("bad");
        foreach (string beside in path.Contains("external_ok", StringComparison.Ordinal) ? Directory.GetFiles(Path.GetDirectoryName(file)!) : [file])
            File.Copy(beside, model.File(Path.GetFileName(beside)));
        model.Spec("", source: Path.GetFileName(file));
        Result<Operation> deployed = await server.DeployAsync(model);
        string outcome = TestServer.Outcome(deployed), words = TestServer.Words(deployed);
        string? expected = Path.GetFileName(path) switch
        {
            "truncated.onnx" or "garbage.onnx" => "RW1105",
            "empty.onnx" => "RW1102",
            "html.onnx" => "RW1107",
            "lfs_pointer.onnx" => "RW1106",
            "external_missing.onnx" => "RW1109",
            "external_traversal.onnx" or "external_absolute.onnx" or "external_backslash.onnx" => "RW1110",
            "custom_op.onnx" => "RW1111",
            "loop_forever.onnx" => "RW2103",
            _ => null,
        };
        if (expected is not null)
            Assert.True(outcome == expected, words);
        else if (verdict == "benign")
            Assert.True(outcome == "succeeded" || Path.GetFileName(path) == "slow.onnx", words);
        else
            Assert.True(outcome.StartsWith("RW", StringComparison.Ordinal) && outcome != "RW5000", words);
    }

    [Fact]
    public async Task AGraphThatNeverEnds_IsStoppedInItsCases()
    {
        using TestModel model = new("bad");
        File.Copy(SharedFiles.Path("models", "adversarial", "onnx", "loop_forever.onnx"), model.File("model.onnx"));
        string input = Core.Artifacts.ArtifactReader.Read(model.Folder, "model.onnx").Value.Contract.Inputs[0].Name;
        model.Cases($$$"""{"inputs":{"{{{input}}}":[1]}}""").Spec(TestModel.Tested);
        Result<Operation> deployed = await server.DeployAsync(model);
        Assert.True(TestServer.Outcome(deployed) == "RW2104", TestServer.Words(deployed));
    }

    [Fact]
    public async Task AnAdversarialFileBesideTheModel_IsRefusedByTheScan()
    {
        foreach (var row in Files(path => (path.Split('/')[0] is "archives" or "configs" or "onnx") && !path.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            (string path, string verdict) = row.Data;
            string file = SharedFiles.Path("models", "adversarial", path), name = Path.GetFileName(file);
            using TestModel model = TestModel.Adding(1, "bad");
            model.Spec($"files: [{name}]\n");
            File.Copy(file, model.File(name));
            Operation deployed = (await server.DeployAsync(model)).Value;
            bool refused = verdict is "malicious" or "invalid";
            Assert.True(refused == (deployed.State == OperationState.Failed), $"{path}: {TestServer.Words(deployed)}");
            OperationStep scan = deployed.Steps.Single(step => step.Name == "scan");
            Assert.Equal((path, refused ? OperationState.Failed : OperationState.Succeeded), (path, scan.State));
            if (refused)
                Assert.StartsWith("RW11", deployed.Problem!.Code, StringComparison.Ordinal);
            else if (verdict == "suspicious")
                Assert.True(scan.Warnings.Length > 0, path);
        }
    }

    private static TheoryData<string, string> Files(Func<string, bool> chosen)
    {
        if (!SharedFiles.Present)
            return new() { { "absent", "" } };
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Path("models", "adversarial", "expected.json")));
        TheoryData<string, string> files = [];
        foreach (JsonElement file in document.RootElement.GetProperty("files").EnumerateArray())
        {
            if (file.GetProperty("path").GetString() is { } path && chosen(path))
                files.Add(path, file.GetProperty("verdict").GetString()!);
        }
        return files;
    }
}
