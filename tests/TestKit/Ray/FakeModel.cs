using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>A request of the replica protocol, wherever it came in.</summary>
/// <param name="Field">A header field, or null.</param>
internal sealed record FakeCall(string Method, string Path, Func<string, string?> Field, byte[] Body);

/// <summary>The code that a replica of ours runs in the fake: it adds a number to each of its inputs.</summary>
/// <param name="order">What the agent bound to it. Its variable <c>ADDEND</c> is the number, 1 where it is not there.</param>
internal sealed class FakeModel(JsonObject order)
{
    /// <param name="call">What is asked.</param>
    /// <param name="replica">Who answers; null behind the proxy, where nobody is named.</param>
    public FakeAnswer Answer(FakeCall call, string? replica)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(call.Field("x-raywright-token") ?? "")));
        if (digest != (string?)order["tokenDigest"])
            return FakeAnswer.Error(401, "this is not the token of this revision");
        if (replica is not null && call.Field("x-raywright-replica") != replica)
            return FakeAnswer.Error(421, "another replica is meant");
        return (call.Method, call.Path) switch
        {
            ("GET", "/v2/health/live") => FakeAnswer.Json(new JsonObject { ["streams"] = false }),
            ("GET", "/v2/health/ready") => FakeAnswer.Empty,
            ("GET", _) when call.Path.StartsWith("/v2/logs", StringComparison.Ordinal) => FakeAnswer.Json(new JsonObject { ["lines"] = new JsonArray() }),
            ("POST", _) when call.Path == $"/v2/models/{order["model"]}/infer" => Infer(call),
            _ => FakeAnswer.Error(404, $"there is no {call.Method} {call.Path}"),
        };
    }

    private FakeAnswer Infer(FakeCall call)
    {
        int length = int.Parse(call.Field("inference-header-content-length")!, System.Globalization.CultureInfo.InvariantCulture);
        JsonObject asked = (JsonObject)JsonNode.Parse(call.Body.AsSpan(0, length))!;
        float addend = float.Parse((string?)order["variables"]?["ADDEND"] ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        byte[] data = call.Body[length..];
        for (int at = 0; at + 4 <= data.Length; at += 4)
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(at), BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(at)) + addend);
        JsonObject head = new()
        {
            ["id"] = asked["id"]?.DeepClone(),
            ["model_name"] = order["model"]?.DeepClone(),
            ["outputs"] = new JsonArray(new JsonObject
            {
                ["name"] = order["contract"]!["outputs"]![0]!["name"]!.DeepClone(),
                ["datatype"] = "FP32",
                ["shape"] = asked["inputs"]![0]!["shape"]!.DeepClone(),
                ["parameters"] = new JsonObject { ["binary_data_size"] = data.Length },
            }),
        };
        byte[] json = Encoding.UTF8.GetBytes(head.ToJsonString());
        return new(200, "application/octet-stream", "")
        {
            Bytes = [.. json, .. data],
            Fields = [("inference-header-content-length", json.Length.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        };
    }
}
