using System.Text;
using System.Text.Json;
using CsCheck;
using Raywright.Core.Api;
using Raywright.Server.Tests.Hosting;
using Xunit;

namespace Raywright.Server.Tests.Api;

/// <summary>Calls that were right once: done, or the caller's fault with a code; never ours.</summary>
public sealed class MutatedCallTests
{
    private static readonly string[] Pieces =
    [
        "[", "]", "{", "}", ",", ":", "\"", "null", "1e999", "-1", "18446744073709551616", "\\ud800", "\\u0000", "\0", "é", "[[[[", "true", "\"\"", "0.1", "\uFEFF",
        "\"files\":null,", "\"path\":\"../x\",", "\"path\":\"a/b/c\",", "null,", "\\n", "\"scopes\":[null]", "*", "/", "\\r\\n\\t",
    ];

    private static readonly Gen<(int Template, (int Kind, int At, int Length, int Piece)[] Edits)> Mutations = Gen.Select(
        Gen.Int[0, 99], Gen.Select(Gen.Int[0, 4], Gen.Int[0, 10_000], Gen.Int[1, 12], Gen.Int[0, Pieces.Length - 1]).Array[1, 4]);

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task MutatedCalls_AreNeverAServerError(string kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        // What is begun ends at once: the model is no model.
        using TestModel model = TestModel.Adding(1).Graph("<html>"u8.ToArray());
        DeployRequest request = await server.UploadAsync(model.Folder, "a note");
        string deploy = JsonSerializer.Serialize(request, ApiJson.Default.DeployRequest);
        (string Path, string Body)[] templates =
        [
            ("/api/v1/keys", """{"name":"k","scopes":["query"],"endpoints":["dev/*","*/iris"],"expiresAt":99999999999999999}"""),
            ("/api/v1/endpoints/dev/adder/revisions", deploy),
            ("/api/v1/endpoints/dev/adder/test", deploy),
            ("/api/v1/endpoints/dev/adder/plan", JsonSerializer.Serialize(new PlanRequest(request.Spec, request.SpecFile, request.Files), ApiJson.Default.PlanRequest)),
        ];
        foreach ((string path, string body) in templates[..3])
        {
            using HttpResponseMessage whole = await server.Http.PostAsync(path, body, server.OwnerKey);
            Assert.True(whole.Status is 201 or 202, await whole.TextAsync());
        }
        int iterations = Environment.GetEnvironmentVariable("RAYWRIGHT_PROVE") == "1" ? 1000 : 250;
        await Mutations.SampleAsync(async mutation =>
        {
            (string path, string template) = templates[mutation.Template % templates.Length];
            byte[] body = Mutate(template, mutation.Edits);
            using HttpResponseMessage answer = await server.Http.CallAsync("POST", path, body, server.OwnerKey);
            string text = await answer.TextAsync();
            Assert.True(answer.Status is (>= 200 and < 300) or 400 or 404 or 409 or 413 or 422, $"{path} {answer.Status} {text}\n{Encoding.UTF8.GetString(body)}");
            if (answer.Status >= 400)
                Assert.Matches("^[0-9]{3} RW[0-9]{4}$", await answer.OutcomeAsync());
        }, iter: iterations, threads: 1);
        await TestKit.Eventually.TrueAsync(async () => (await server.Client.OperationsAsync(TestContext.Current.CancellationToken)).Value.Items.All(operation => operation.Ended), "every operation ends");
        Assert.All((await server.Client.OperationsAsync(TestContext.Current.CancellationToken)).Value.Items, operation => Assert.NotEqual("RW5000", operation.Problem?.Code));
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
                    // Between two values, where it may well stay valid JSON.
                    int comma = body.IndexOf((byte)',', at);
                    body.InsertRange(comma < 0 ? at : comma + 1, Encoding.UTF8.GetBytes(Pieces[piece]));
                    break;
                default:
                    if (at < body.Count)
                        body[at] = (byte)(place ^ (piece << 3));
                    break;
            }
        }
        return [.. body];
    }
}
