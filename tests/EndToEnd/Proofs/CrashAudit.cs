using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;

namespace Raywright.EndToEnd.Proofs;

/// <summary>Looks after a restart for anything that was lost, is only half there, or contradicts something else.</summary>
internal sealed class CrashAudit(Sandbox sandbox, DeployStream stream)
{
    private const string Unfinished = "SELECT count(*) FROM operations WHERE EndedAt IS NULL";
    private readonly HashSet<string> wholeBlobs = new(StringComparer.Ordinal);
    private readonly List<string> lost = [], halfVisible = [];

    public IReadOnlyList<string> Lost => lost;

    public IReadOnlyList<string> HalfVisible => halfVisible;

    public IEnumerable<string> Findings => lost.Concat(halfVisible);

    private sealed record Row(string Id, string Kind, string Target, string State, string Request, string? Result, string? Problem, long? EndedAt)
    {
        /// <summary>Digest of the model file that was to be deployed.</summary>
        public string Digest => JsonElement.Parse(Request).GetProperty("request").GetProperty("files").EnumerateArray()
            .Single(file => file.GetProperty("path").GetString() == "model.onnx").GetProperty("sha256").GetString()!;
    }

    /// <summary>Waits until everything that was acknowledged has ended, then checks all of it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await using SqliteConnection db = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(sandbox.Home, "raywright.db"), Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        await db.OpenAsync(cancellation);
        // One after the other, so that the wait is for progress and not for so and so many of them.
        while (Count(db, Unfinished) is > 0 and var open)
            await Eventually.TrueAsync(() => Count(db, Unfinished) < open, "the next acknowledged operation has ended");
        using RaywrightClient owner = sandbox.Owner();
        List<Row> rows = Operations(db);
        CheckAcknowledged(rows.ToDictionary(row => row.Id, StringComparer.Ordinal));
        CheckDatabase(db);
        foreach (string target in DeployStream.Targets)
            await CheckEndpointAsync(db, owner, target, [.. rows.Where(row => row.Target == target)], cancellation);
        foreach (string model in DeployStream.Targets.Select(target => target.Split('/')[1]).Distinct())
            await CheckVersionsAsync(owner, model, cancellation);
        await Eventually.TrueAsync(() => Count(db, "SELECT count(*) FROM ledger WHERE Hash IS NULL") == 0, "every row of the ledger is sealed");
        Result<LedgerVerification> ledger = await owner.VerifyLedgerAsync(cancellation);
        Half(ledger.Ok && ledger.Value.Intact, $"the ledger is not intact: {(ledger.Ok ? $"it breaks at row {ledger.Value.BrokenAt}" : ledger.Problems[0])}");
        string[] unfinished = Directory.Exists(Path.Combine(sandbox.Home, "versions")) ? Directory.GetDirectories(Path.Combine(sandbox.Home, "versions"), "*.new") : [];
        Half(unfinished.Length == 0, $"unfinished folders are left: {string.Join(", ", unfinished)}");
    }

    /// <summary>Each acknowledged operation is there and has ended as it had to.</summary>
    private void CheckAcknowledged(Dictionary<string, Row> rows)
    {
        foreach (Acknowledged one in stream.All)
        {
            if (!rows.TryGetValue(one.Id, out Row? row))
                lost.Add($"{one.Id} was acknowledged and is not there");
            else if (one.Release is { Sound: false } ? row.State != "Failed" || !row.Problem!.Contains("RW3003", StringComparison.Ordinal) : row.State != "Succeeded")
                lost.Add($"{one.Id} ({one.Target}, {one.Release?.Number}) ended as {row.State}: {row.Problem}");
        }
    }

    private void CheckDatabase(SqliteConnection db)
    {
        using SqliteCommand command = new("PRAGMA integrity_check", db);
        Half(command.ExecuteScalar() as string == "ok", "the database is damaged");
        const string once = """
            SELECT count(*) FROM operations o WHERE o.Kind = 'deploy' AND
              (SELECT count(*) FROM ledger l WHERE l.Action = 'deploy' AND json_extract(l.Data, '$.operation') = o.Id) != (o.State = 'Succeeded')
            """;
        Half(Count(db, once) == 0, "a deploy that succeeded has not exactly one row in the ledger");
        Half(Count(db, "SELECT count(*) FROM operations o WHERE (SELECT count(*) FROM ledger l WHERE l.Action = o.Kind || '.asked' AND json_extract(l.Data, '$.operation') = o.Id) != 1") == 0, "an operation has not exactly one row in the ledger that says it was asked for");
        Half(Count(db, "SELECT count(*) FROM models m WHERE LatestVersion != (SELECT count(*) FROM versions v WHERE v.Model = m.Name) OR LatestVersion != (SELECT max(Number) FROM versions v WHERE v.Model = m.Name)") == 0, "the numbers of versions have gaps");
        Half(Count(db, "SELECT count(*) FROM versions GROUP BY Model, Identity HAVING count(*) > 1") == 0, "a version exists twice");
        Half(Count(db, "SELECT count(*) FROM revisions r WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.Model = r.Model AND v.Number = r.Version AND v.Digest = r.Digest)") == 0, "a revision has no version");
        Half(Count(db, "SELECT count(*) FROM endpoints e WHERE NOT EXISTS (SELECT 1 FROM revisions r WHERE r.Id = e.Serving AND r.Environment = e.Environment AND r.Model = e.Model)") == 0, "an endpoint serves no revision");
    }

    /// <summary>What an endpoint says, what it answers, and what the last operation that succeeded brought are the same.</summary>
    private async Task CheckEndpointAsync(SqliteConnection db, RaywrightClient owner, string target, Row[] rows, CancellationToken cancellation)
    {
        (string environment, string model) = (target.Split('/')[0], target.Split('/')[1]);
        Half(rows.Select(row => row.EndedAt).SequenceEqual(rows.Select(row => row.EndedAt).Order()), $"the operations of {target} did not end in their order");
        Row? last = rows.LastOrDefault(row => row.State == "Succeeded");
        Result<EndpointInfo> endpoint = await owner.EndpointAsync(environment, model, cancellation);
        Result<ServedAnswer> answer = await owner.QueryAsync(environment, model, Release.Question, cancellation);
        if (last is null or { Kind: "delete" })
        {
            Half(!endpoint.Ok && !answer.Ok, $"{target} was deleted and is there");
            return;
        }
        if (!endpoint.Ok || !answer.Ok)
        {
            halfVisible.Add($"{target} is not served: {endpoint.Problems.Concat(answer.Problems).First()}");
            return;
        }
        DeployResult result = JsonSerializer.Deserialize(last.Result!, ApiJson.Default.DeployResult)!;
        TrafficShare serving = endpoint.Value.Traffic.Single();
        float number = stream.Of(last.Digest).Number;
        Half(serving.Revision == result.Revision && serving.Version == result.Version, $"{target} serves {serving.Revision}, and {last.Id} brought {result.Revision}");
        Half(answer.Value.Version == $"{model}:{result.Version}" && answer.Value.Revision == result.Revision, $"{target} answers as {answer.Value.Version}, {answer.Value.Revision}, and serves {result.Revision}");
        Half(Release.NumberIn(answer.Value.Body) == number, $"{target} answers {Release.NumberIn(answer.Value.Body)} instead of {number}");
        Half(Count(db, $"SELECT count(*) FROM revisions WHERE Id = '{result.Revision}'") == 1, $"{result.Revision} is not there exactly once");
    }

    /// <summary>Each version has its files, whole.</summary>
    private async Task CheckVersionsAsync(RaywrightClient owner, string model, CancellationToken cancellation)
    {
        Result<Page<VersionInfo>> versions = await owner.VersionsAsync(model, cancellation);
        foreach (FileReference file in versions.Ok ? versions.Value.Items.SelectMany(version => version.Files) : [])
        {
            string blob = Path.Combine(sandbox.Home, "blobs", file.Sha256[..2], file.Sha256);
            if (!wholeBlobs.Add(file.Sha256))
                Half(File.Exists(blob), $"a file of {model} is gone: {file.Sha256}");
            else if (!File.Exists(blob) || Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(blob, cancellation))) != file.Sha256)
                halfVisible.Add($"a file of {model} is not whole: {file.Sha256}");
        }
    }

    private void Half(bool holds, string otherwise)
    {
        if (!holds)
            halfVisible.Add(otherwise);
    }

    private static long Count(SqliteConnection db, string query)
    {
        using SqliteCommand command = new(query, db);
        return command.ExecuteScalar() is long count ? count : 0;
    }

    private static List<Row> Operations(SqliteConnection db)
    {
        using SqliteCommand command = new("SELECT Id, Kind, Target, State, Request, Result, Problem, EndedAt FROM operations ORDER BY Id", db);
        using SqliteDataReader reader = command.ExecuteReader();
        List<Row> rows = [];
        while (reader.Read())
            rows.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), Text(reader, 5), Text(reader, 6), reader.IsDBNull(7) ? null : reader.GetInt64(7)));
        return rows;
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
