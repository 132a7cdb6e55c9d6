using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Failures;

/// <summary>Model files that cannot be served: each is refused by its own code, before anything is started.</summary>
public sealed class ModelFileTests
{
    [Fact]
    public async Task AFolderThatIsNotThere()
    {
        await using Sandbox sandbox = new();
        (await sandbox.RaywrightAsync("up", "absent")).With(5).Saying("error RW6011: There is no absent.", "Name the folder of the model");
        AssertNothingStarted(sandbox);
    }

    [Fact]
    public async Task AFolderWithoutAModel()
    {
        await using Sandbox sandbox = new();
        Directory.CreateDirectory(Path.Combine(sandbox.Work, "empty"));
        (await sandbox.RaywrightAsync("up", "empty")).With(5).Saying("error RW1120: empty holds no model file.");
        AssertNothingStarted(sandbox);
    }

    [Fact]
    public async Task AModelThatTheSpecNames_AndThatIsNotThere()
    {
        await using Sandbox sandbox = new();
        string folder = sandbox.Model("adding", ModelFolders.Adding(1));
        File.Delete(Path.Combine(folder, "model.onnx"));

        Ended up = (await sandbox.RaywrightAsync("up", "adding")).With(5);

        up.Saying("error RW1101: There is no file model.onnx.", "at adding/raywright.yaml:2:9");
        // What follows from that alone is not said as well.
        Assert.Single(up.Error.Split("error RW")[1..]);
        AssertNothingStarted(sandbox);
    }

    [Theory]
    [InlineData(0, "RW1102", "0 bytes")]
    [InlineData(40, "RW1105", "near byte")]
    public async Task AModelThatWasCutOff(int length, string code, string words)
    {
        await using Sandbox sandbox = new();
        sandbox.ModelFile("cut", ModelFolders.Adding(1)[..length]);
        (await sandbox.RaywrightAsync("up", "cut")).With(1).Saying($"error {code}: ", words, "again");
        AssertNothingStarted(sandbox);
    }

    [Theory]
    [InlineData(6, "RW1105", "6442450944")]
    [InlineData(9, "RW1103", "8192 are allowed")]
    public async Task AHugeFile(int gibibytes, string code, string words)
    {
        await using Sandbox sandbox = new();
        string folder = Directory.CreateDirectory(Path.Combine(sandbox.Work, "huge")).FullName;
        ModelFolders.Sparse(Path.Combine(folder, "model.onnx"), (long)gibibytes << 30);
        (await sandbox.RaywrightAsync("up", "huge")).With(1).Saying($"error {code}: ", words);
        AssertNothingStarted(sandbox);
    }

    [Theory]
    [InlineData("weights.bin", "RW1109", "weights.bin, which does not lie beside it")]
    [InlineData("../weights.bin", "RW1110", "../weights.bin, outside its folder")]
    [InlineData("/etc/hostname", "RW1110", "/etc/hostname, outside its folder")]
    public async Task WeightsInAnotherFile(string location, string code, string words)
    {
        await using Sandbox sandbox = new();
        byte[] model = new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 4).External("w", location, 4).Node("Add", ["x", "w"], ["y"]).Output("y", OnnxBuilder.Float, -1, 4).Build();
        sandbox.ModelFile("external", model);
        (await sandbox.RaywrightAsync("up", "external")).With(1).Saying($"error {code}: ", words);
        AssertNothingStarted(sandbox);
    }

    [Fact]
    public async Task ALinkOutOfTheFolder()
    {
        await using Sandbox sandbox = new();
        string outside = Path.Combine(sandbox.ModelFile("elsewhere", ModelFolders.Adding(1)), "model.onnx");
        string folder = sandbox.Model("linked", []);
        File.Delete(Path.Combine(folder, "model.onnx"));
        File.CreateSymbolicLink(Path.Combine(folder, "model.onnx"), outside);
        (await sandbox.RaywrightAsync("up", "linked")).With(1).Saying("error RW11", "model.onnx");
        AssertNothingStarted(sandbox);
    }

    private static void AssertNothingStarted(Sandbox sandbox)
    {
        Assert.Empty(sandbox.Running);
        Assert.False(File.Exists(Path.Combine(sandbox.Home, "raywright.db")), "no server was started");
    }
}
