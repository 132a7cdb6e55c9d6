using System.Globalization;
using System.Text;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;

namespace Raywright.EndToEnd.Harness;

/// <summary>A version of a model that adds a number of its own, ready to be sent.</summary>
/// <param name="Number">What it adds.</param>
/// <param name="Sound">Whether its case passes; one that does not is refused for that reason.</param>
internal sealed record Release(string Model, float Number, bool Sound, string Folder, DeployRequest Request)
{
    /// <summary>Digest of the model file.</summary>
    public string Digest => Request.Files.Single(file => file.Path == "model.onnx").Sha256;

    public static Release Write(Sandbox sandbox, string model, int number, bool sound = true)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        string folder = Directory.CreateDirectory(Path.Combine(sandbox.Work, $"{model}-{text}{(sound ? "" : "-unsound")}")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), ModelFolders.Adding(number));
        File.WriteAllText(Path.Combine(folder, "cases.jsonl"), ModelFolders.Cases(
            $$$"""{"inputs": {"x": [[1, 1, 1, 1]]}, "expected": {"y": [[{{{number + (sound ? 1 : 0)}}}, {{{number + 1}}}, {{{number + 1}}}, {{{number + 1}}}]]}}"""));
        string spec = $"model: {model}\nsource: model.onnx\ntests: {{ cases: cases.jsonl }}\n";
        return new(model, number, sound, folder, new DeployRequest(spec, "raywright.yaml", FileSet.Read(folder, ["model.onnx", "cases.jsonl"]).Value));
    }

    /// <summary>Sends the files and asks for the deploy; the operation once it is acknowledged.</summary>
    public async Task<Result<Operation>> DeployAsync(RaywrightClient client, string environment, CancellationToken cancellation)
    {
        foreach (FileReference file in Request.Files)
        {
            Result<long> sent = await client.UploadAsync(file, Path.Combine(Folder, file.Path), null, cancellation);
            if (!sent.Ok)
                return sent.Problems;
        }
        return await client.DeployAsync(environment, Model, Request, cancellation);
    }

    /// <summary>A question whose answer tells which number was added.</summary>
    public static byte[] Question { get; } = Encoding.UTF8.GetBytes("""{"inputs": {"x": [[0, 0, 0, 0]]}}""");

    /// <summary>The number that an answer to <see cref="Question"/> tells; none where its parts differ.</summary>
    public static float? NumberIn(byte[] answer)
    {
        float[] row = [.. System.Text.Json.JsonElement.Parse(answer).GetProperty("outputs").GetProperty("y")[0].EnumerateArray().Select(value => value.GetSingle())];
        return row.Length == 4 && row.Distinct().Count() == 1 ? row[0] : null;
    }
}
