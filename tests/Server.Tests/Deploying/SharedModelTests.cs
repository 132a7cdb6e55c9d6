using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Core.Cases;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>Every real model is deployed from what <c>init</c> writes and answers its cases over HTTP, in both protocols.</summary>
public sealed class SharedModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Models => SharedModels.OnnxFolders();

    public static TheoryData<string, string, string> PythonModels => SharedModels.PythonArtifacts();

    /// <summary>The author of one model made it differ from its source on four rows, and a deploy says so.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public async Task AModel_DeploysFromInitAlone_AndAnswersItsCases(string folder)
    {
        await using TestServer server = await TestServer.StartAsync();
        await DeployAndAskAsync(server, folder, ["model.onnx"], null, Differing(folder));
    }

    /// <summary>The same from the file that the library wrote, in a child.</summary>
    [Theory]
    [MemberData(nameof(PythonModels))]
    public async Task APythonModel_DeploysFromInitAlone_AndAnswersItsCases(string folder, string artifact, string modules)
    {
        PythonHere.Needs(modules.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await using TestServer server = await TestServer.StartAsync();
        await DeployAndAskAsync(server, folder, FilesOf(folder, artifact), artifact, differing: 0);
    }

    /// <summary>Rows on which the author of one model made it differ from its source.</summary>
    internal static int Differing(string folder) => folder == "iris/parity-gap" ? 4 : 0;

    internal static string[] FilesOf(string folder, string artifact)
    {
        string source = SharedFiles.Path("models", folder);
        return artifact.EndsWith(".py", StringComparison.Ordinal)
            ? [.. Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(source, file)).Where(file => !file.EndsWith(".onnx", StringComparison.Ordinal))]
            : [artifact];
    }

    internal static async Task DeployAndAskAsync(TestServer server, string folder, string[] files, string? artifact, int differing)
    {
        string source = SharedFiles.Path("models", folder);
        using TestModel model = new("model");
        foreach (string file in files.Append("cases.jsonl").Distinct(StringComparer.Ordinal))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(model.File(file))!);
            File.Copy(Path.Combine(source, file), model.File(file), overwrite: true);
        }
        using TemporaryFolder environments = new();
        ProbeClient probe = new(ProbeCommand.Of(Path.Combine(AppContext.BaseDirectory, "raywright-server.dll")), environments.Path, TimeProvider.System);
        Result<InitResult> init = await new Initializer(ProbeTrial.With(probe), ProbeTrial.DescribeWith(probe)).RunAsync(new InitRequest(model.Folder, Source: artifact, Model: "model"), Token);
        Assert.True(init.Ok, string.Join('\n', init.Problems.Select(problem => $"{problem.Code} {problem.Detail}")));
        Assert.True(init.Value.Write(force: false).Ok);
        if (differing > 0)
        {
            Assert.Equal("RW3003", await server.OutcomeAsync(model));
            model.Spec("");
        }
        await server.DeployedAsync(model);
        IReadOnlyList<Case> cases = CaseReader.Read(model.File("cases.jsonl"), "cases.jsonl").Value;
        using HttpClient client = new() { BaseAddress = server.Url };
        client.DefaultRequestHeaders.Add("x-api-key", server.OwnerKey);
        double tolerance = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(source, "signature.json"), Token)).RootElement.GetProperty("tolerance").GetProperty("abs").GetDouble();
        int found = 0;
        foreach (Case one in cases)
        {
            using HttpResponseMessage answer = await client.CallAsync("POST", "/serve/dev/predict/model", one.Body.ToArray());
            if (one.Expected!.Value.TryGetProperty("error", out JsonElement error))
            {
                Assert.Equal((422, error.GetString()), (answer.Status, (await answer.JsonAsync()).GetProperty("detail").GetString()));
                continue;
            }
            Assert.True(answer.Status == 200, await answer.TextAsync());
            JsonElement outputs = (await answer.JsonAsync()).GetProperty("outputs");
            double largest = Difference(one.Expected!.Value, outputs);
            if (largest > Math.Max(tolerance, 1e-5) * Math.Max(1, Largest(one.Expected.Value)))
                found++;
        }
        Assert.Equal(differing, found);
        await AskByProtocolAsync(client, cases[0]);
    }

    /// <summary>The first case again as Open Inference Protocol, in the shape that the metadata names.</summary>
    private static async Task AskByProtocolAsync(HttpClient client, Case one)
    {
        JsonElement metadata = await (await client.ReadAsync("/serve/dev/v2/models/model")).JsonAsync();
        JsonElement inputs = one.Inputs();
        // Without a contract there are no tensors to speak of.
        if (metadata.GetProperty("inputs").GetArrayLength() == 0)
            return;
        StringBuilder body = new("""{"inputs":[""");
        foreach (JsonElement input in metadata.GetProperty("inputs").EnumerateArray())
        {
            if (!inputs.TryGetProperty(input.GetProperty("name").GetString()!, out JsonElement value))
                return;
            List<int> shape = [];
            for (JsonElement level = value; level.ValueKind == JsonValueKind.Array; level = level[0])
                shape.Add(level.GetArrayLength());
            if (shape.Count != input.GetProperty("shape").GetArrayLength())
                return;
            body.Append(body.Length > 11 ? "," : "").Append(CultureInfo.InvariantCulture, $$"""{"name":{{input.GetProperty("name").GetRawText()}},"datatype":{{input.GetProperty("datatype").GetRawText()}},"shape":[{{string.Join(',', shape)}}],"data":{{value.GetRawText()}}}""");
        }
        using HttpResponseMessage answer = await client.CallAsync("POST", "/serve/dev/v2/models/model/infer", Encoding.UTF8.GetBytes(body.Append("]}").ToString()));
        Assert.True(answer.Status == 200, $"{await answer.TextAsync()}\n{body}");
        foreach (JsonElement output in (await answer.JsonAsync()).GetProperty("outputs").EnumerateArray())
        {
            if (!one.Expected!.Value.TryGetProperty(output.GetProperty("name").GetString()!, out JsonElement expected) || expected.ValueKind != JsonValueKind.Array)
                continue;
            JsonElement[] flat = [.. Leaves(expected)], got = [.. Leaves(output.GetProperty("data"))];
            Assert.Equal(flat.Length, got.Length);
            Assert.All(flat.Zip(got), pair => Assert.True(Distance(pair.First, pair.Second) <= 1e-3 * Math.Max(1, Largest(expected)), $"{pair}"));
        }
    }

    /// <summary>The largest difference of what is expected from what came.</summary>
    private static double Difference(JsonElement expected, JsonElement got) => expected.ValueKind switch
    {
        JsonValueKind.Object => expected.EnumerateObject().Max(property => Difference(property.Value, got.GetProperty(property.Name))),
        JsonValueKind.Array => expected.GetArrayLength() == got.GetArrayLength() ? expected.EnumerateArray().Zip(got.EnumerateArray(), Difference).DefaultIfEmpty().Max() : double.PositiveInfinity,
        _ => Distance(expected, got),
    };

    private static double Distance(JsonElement expected, JsonElement got) => (expected.ValueKind, got.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => Math.Abs(expected.GetDouble() - got.GetDouble()),
        _ => JsonElement.DeepEquals(expected, got) ? 0 : double.PositiveInfinity,
    };

    private static double Largest(JsonElement value) => Leaves(value).Select(leaf => leaf.ValueKind == JsonValueKind.Number ? Math.Abs(leaf.GetDouble()) : 0).DefaultIfEmpty().Max();

    private static IEnumerable<JsonElement> Leaves(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Leaves),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Leaves(property.Value)),
        _ => [value],
    };
}

file static class CaseExtensions
{
    public static JsonElement Inputs(this Case one) => JsonElement.Parse(one.Body.Span).GetProperty("inputs");
}
