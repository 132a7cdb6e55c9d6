using System.Security.Cryptography;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Browser;

/// <summary>Models for the playground, deployed from files.</summary>
internal static class PlayModels
{
    /// <summary>One of the real models beside the project.</summary>
    public static Task DeployRealAsync(this AppHome home, string model, string folder, string more = "", string environment = "dev")
    {
        string source = SharedFiles.Path("models", folder);
        return home.DeployFilesAsync(model, $"model: {model}\nsource: model.onnx\ntests: {{ cases: cases.jsonl }}\n{more}", source, environment, "model.onnx", "cases.jsonl");
    }

    /// <summary>The sample, with other data in its place where that is wanted.</summary>
    public static async Task DeployIrisAsync(this AppHome home, string environment, string? folder = null)
    {
        string sample = RepositoryRoot.Combine("samples", "iris");
        string spec = await File.ReadAllTextAsync(Path.Combine(sample, "raywright.yaml"), TestContext.Current.CancellationToken);
        if (folder is null)
            await home.DeployFilesAsync("iris", spec, sample, environment, "model.onnx", "tests/cases.jsonl");
        else
            await home.DeployFilesAsync("iris", string.Join('\n', spec.Split('\n').TakeWhile(line => !line.StartsWith("tests:", StringComparison.Ordinal))) + "\n", SharedFiles.Path("models", folder), environment, "model.onnx");
    }

    /// <summary>Gives back 48 numbers for 48.</summary>
    public static async Task DeployEmbeddingAsync(this AppHome home, string model)
    {
        using TemporaryFolder folder = new();
        string Row(int at) => string.Join(',', Enumerable.Range(0, 48).Select(index => Math.Round(Math.Sin(index * at), 3).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        folder.Write("cases.jsonl", ModelFolders.Cases([.. Enumerable.Range(1, 6).Select(at => $$"""{"inputs":{"x":[[{{Row(at)}}]]},"name":"text {{at}}"}""")]));
        await File.WriteAllBytesAsync(folder.Combine("model.onnx"), new OnnxBuilder()
            .Input("x", OnnxBuilder.Float, -1, 48).Initializer("n", 0).Node("Add", ["x", "n"], ["embedding"]).Output("embedding", OnnxBuilder.Float, -1, 48).Build(), TestContext.Current.CancellationToken);
        await home.DeployFilesAsync(model, $"model: {model}\nsource: model.onnx\ntests: {{ cases: cases.jsonl }}\n", folder.Path, "dev", "model.onnx", "cases.jsonl");
    }

    private static async Task DeployFilesAsync(this AppHome home, string model, string spec, string source, string environment, params string[] paths)
    {
        using RaywrightClient client = home.Connect();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        List<FileReference> files = [];
        foreach (string path in paths)
        {
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(source, path), cancellation);
            FileReference file = new(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
            Assert.True((await client.UploadAsync(file, Path.Combine(source, path), null, cancellation)).Ok);
            files.Add(file);
        }
        Operation begun = (await client.DeployAsync(environment, model, new DeployRequest(spec, "raywright.yaml", [.. files]), cancellation)).Value;
        await Eventually.TrueAsync(async () => (begun = (await client.OperationAsync(begun.Id, cancellation)).Value).Ended, $"the deploy of {model} ends");
        Assert.True(begun.State == OperationState.Succeeded, $"{begun.Problem?.Detail} {string.Join("; ", begun.Problem?.Errors.Select(one => one.Detail) ?? [])}");
    }
}
