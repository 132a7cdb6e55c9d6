using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Proofs;

/// <summary>Versions are replaced while clients ask without pause: no request fails, and each answer is that of the version it names.</summary>
public sealed class ReplacementTests
{
    private const int Clients = 16;

    /// <summary>New versions and returns to earlier ones, in turn.</summary>
    private const int Numbers = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replaced_UnderLoad_NoRequestFails()
    {
        int replacements = Proof.Times(10, 200);
        long start = TimeProvider.System.GetTimestamp();
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        using RaywrightClient owner = sandbox.Owner();
        Release[] releases = [.. Enumerable.Range(1, Numbers).Select(number => Release.Write(sandbox, "adding", number))];
        ConcurrentDictionary<string, float> numbers = new(StringComparer.Ordinal);
        await DeployAsync(owner, releases[0], numbers);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Asked asked = new();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(() => AskAsync(sandbox, asked, over.Token), Cancellation))];

        for (int index = 1; index <= replacements; index++)
        {
            string version = await DeployAsync(owner, releases[index % Numbers], numbers);
            // Who asks after the deploy has ended is answered by what it brought.
            Assert.Equal(version, (await owner.QueryAsync("dev", "adding", Release.Question, Cancellation)).Value.Version);
        }
        await over.CancelAsync();
        await Task.WhenAll(clients);

        TestContext.Current.TestOutputHelper?.WriteLine($"{replacements} replacements, {asked.Answers} answers, {asked.Failures.Count} failures");
        string[] wrong = [.. asked.Told.Keys.Where(told => !numbers.TryGetValue(told.Version, out float number) || number != told.Number).Select(told => $"{told.Version} answered {told.Number}")];
        if (Proof.Full)
            Keep(replacements, asked, wrong.Length, TimeProvider.System.GetElapsedTime(start));
        Assert.Empty(asked.Failures);
        Assert.Empty(wrong);
        Assert.Equal(Numbers, asked.Told.Count);
    }

    private static async Task<string> DeployAsync(RaywrightClient owner, Release release, ConcurrentDictionary<string, float> numbers)
    {
        Result<Operation> begun = await release.DeployAsync(owner, "dev", Cancellation);
        Operation last = begun.Value;
        await foreach (Result<Operation> next in owner.FollowOperationAsync(last.Id, FollowOptions.Default, Cancellation))
            last = next.Value;
        Assert.True(last.State == OperationState.Succeeded, $"{release.Number}: {last.State}, {last.Problem?.Detail}");
        string version = $"adding:{last.Result!.Value.GetProperty("version").GetInt32()}";
        numbers[version] = release.Number;
        return version;
    }

    /// <summary>One client with one connection, which asks again as soon as it has its answer.</summary>
    private static async Task AskAsync(Sandbox sandbox, Asked asked, CancellationToken cancellation)
    {
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseProxy = false });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.AdminKey);
        string url = $"{sandbox.Url}/serve/dev/predict/adding";
        while (!cancellation.IsCancellationRequested)
        {
            using ByteArrayContent question = new(Release.Question);
            question.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            try
            {
                // What has been asked is answered, also at the end.
                using HttpResponseMessage response = await http.PostAsync(url, question, CancellationToken.None);
                byte[] body = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
                if (response.StatusCode == HttpStatusCode.OK && Release.NumberIn(body) is { } number)
                    asked.Hear(response.Headers.GetValues("x-raywright-version").Single(), number);
                else
                    asked.Failures.Enqueue($"{(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
            }
            catch (HttpRequestException e)
            {
                asked.Failures.Enqueue(e.ToString());
            }
        }
    }

    private static void Keep(int replacements, Asked asked, int wrong, TimeSpan duration) => Proof.Keep(
        "replacement.md",
        """
        # Replacements under load

        Versions of a model are deployed one after the other into an endpoint that 16 clients with a kept-alive connection each
        ask without pause, server and clients on one machine. A request fails when it is not answered with 200; an answer is
        wrong when it is not that of the version in its `x-raywright-version`.
        `RAYWRIGHT_PROVE=1 dotnet run --project tests/EndToEnd -- -class '*ReplacementTests'`
        """,
        ("replacements", Text(replacements)), ("requests", Text(asked.Answers + asked.Failures.Count)), ("failed", Text(asked.Failures.Count)), ("wrong", Text(wrong)),
        ("minutes", duration.TotalMinutes.ToString("0.0", CultureInfo.InvariantCulture)));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class Asked
    {
        private long answers;

        public long Answers => Interlocked.Read(ref answers);

        public ConcurrentQueue<string> Failures { get; } = [];

        /// <summary>Which numbers came under the name of which version.</summary>
        public ConcurrentDictionary<(string Version, float Number), byte> Told { get; } = [];

        public void Hear(string version, float number)
        {
            Interlocked.Increment(ref answers);
            Told.TryAdd((version, number), 0);
        }
    }
}
