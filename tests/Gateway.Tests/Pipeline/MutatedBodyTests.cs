using System.Text;
using CsCheck;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Gateway.Tests.Hosting;
using Xunit;

namespace Raywright.Gateway.Tests.Pipeline;

/// <summary>A thousand bodies that were right once: an answer or the caller's fault, never ours.</summary>
public sealed class MutatedBodyTests
{
    private static readonly Contract Wide = new(
        [
            new InputField("features", DataType.Float32, [-1, 2], Columns: ["a", "b"], Min: -1000, Max: 1000, Nullable: true),
            new InputField("plan", DataType.String, [-1], Values: ["free", "pro"]),
            new InputField("months", DataType.Int16, [-1, 1], Optional: true),
            new InputField("raw", DataType.Bytes, [-1], Optional: true),
            new InputField("extra", DataType.Json, [-1], Optional: true),
        ],
        [new OutputField("sum", DataType.Float32, [-1])]);

    private static readonly string[] Neutral =
    [
        """{"inputs":{"features":[[1,2],[3,4]],"plan":["free","pro"],"months":[[1],[2]]}}""",
        """{"inputs":[{"a":1.5,"b":-2e1,"plan":"free","months":3},{"a":null,"b":0,"plan":"pro","months":4}],"parameters":{"k":[1,{"x":null}]}}""",
        """{"inputs":{"a":1,"b":2,"plan":"pro","raw":"AAEC","extra":{"deep":[[[1]]]}}}""",
    ];

    private static readonly string[] Protocol =
    [
        """{"id":"1","inputs":[{"name":"features","datatype":"FP32","shape":[1,2],"data":[[1,2]]},{"name":"plan","datatype":"BYTES","shape":[1],"data":["pro"]}],"outputs":[{"name":"sum","parameters":{"binary_data":true}}]}""",
        """{"inputs":[{"name":"features","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}},{"name":"plan","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":7}}]}""",
    ];

    private static readonly string[] Pieces =
        ["[", "]", "{", "}", ",", ":", "\"", "null", "NaN", "1e999", "-", "18446744073709551616", "\\ud800", "\\u0000", "\0", "é", "\"inputs\":1,", "[[[[", "true", "\"features\"", "0.1", "-0", "//", " ", "\uFEFF"];

    private static readonly Gen<(bool Protocol, int Template, (int Kind, int At, int Length, int Piece)[] Edits)> Mutations = Gen.Select(
        Gen.Bool, Gen.Int[0, 5], Gen.Select(Gen.Int[0, 4], Gen.Int[0, 10_000], Gen.Int[1, 12], Gen.Int[0, Pieces.Length - 1]).Array[1, 4]);

    [Fact]
    public async Task ThousandMutatedBodies_AreNeverAServerError()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Publish(new Silent(), Revisions.Of(contract: Wide));
        using HttpClient client = host.Client();
        foreach (string body in Neutral)
        {
            using HttpResponseMessage answer = await client.AskAsync(body);
            Assert.True(answer.Status == 200, await answer.TextAsync());
        }
        await Mutations.SampleAsync(async mutation =>
        {
            byte[] body = Mutate(mutation.Protocol ? Protocol[mutation.Template % Protocol.Length] : Neutral[mutation.Template % Neutral.Length], mutation.Edits);
            using ByteArrayContent content = new(body);
            content.Headers.ContentType = new("application/json");
            if (mutation.Protocol && mutation.Template > 2)
                content.Headers.Add("Inference-Header-Content-Length", (body.Length - (mutation.Template * 5)).ToString(System.Globalization.CultureInfo.InvariantCulture));
            using HttpResponseMessage answer = await client.PostAsync(new Uri(mutation.Protocol ? "v2/models/iris/infer" : "predict/iris", UriKind.Relative), content);
            string text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.Status is 200 or 400 or 413 or 422, $"{answer.Status} {text}\n{Encoding.UTF8.GetString(body)}");
            if (answer.Status != 200)
                Assert.True(text.Contains("\"code\":\"RW12", StringComparison.Ordinal) && text.Contains("\"field\":", StringComparison.Ordinal), text);
        }, iter: 1000, threads: 1);
        Assert.Empty(host.Logs.Lines);
    }

    private static byte[] Mutate(string template, (int Kind, int At, int Length, int Piece)[] edits)
    {
        List<byte> body = [.. Encoding.UTF8.GetBytes(template)];
        foreach ((int kind, int place, int length, int piece) in edits)
        {
            int at = place % (body.Count + 1);
            int most = Math.Min(length, body.Count - at);
            switch (kind)
            {
                case 0:
                    body.RemoveRange(at, most);
                    break;
                case 1:
                    body.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[piece]));
                    break;
                case 2:
                    body.InsertRange(at, body.GetRange(at, most));
                    break;
                case 3:
                    body.RemoveRange(at, body.Count - at);
                    break;
                default:
                    if (at < body.Count)
                        body[at] = (byte)(place ^ (piece << 3));
                    break;
            }
        }
        return [.. body];
    }

    /// <summary>Answers any inputs.</summary>
    private sealed class Silent : IReplicaTarget
    {
        public int Concurrency => 1;

        public ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation) =>
            ValueTask.FromResult<Result<Tensor[]>>(new[] { Tensor.Of<float>(DataType.Float32, [call.Inputs[0]!.Rows], new float[call.Inputs[0]!.Rows]) });
    }
}
