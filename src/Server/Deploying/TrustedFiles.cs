using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;
using Raywright.Server.Ledger;
using Raywright.Server.Store;

namespace Raywright.Server.Deploying;

/// <summary>Files whose own code the owner has vouched for, by digest. The ledger is where that is remembered.</summary>
internal sealed class TrustedFiles(DbStore store, LedgerService ledger)
{
    private const string Action = "file.trusted";

    /// <summary>Refuses files that import code nobody has vouched for, before or in this order.</summary>
    /// <param name="report">What the scan has found.</param>
    /// <param name="order">Whose files they are, and for which it vouches.</param>
    /// <param name="actor">Who asks.</param>
    public async Task<Result<ScanReport>> CheckAsync(ScanReport report, DeployOrder order, string actor)
    {
        List<Problem> refused = [];
        foreach (ScannedFile file in report.Unvouched)
        {
            string digest = order.Request.Files.First(sent => sent.Path == file.Path).Sha256;
            if (await ledger.HasAsync(Action, digest))
                continue;
            if (order.Request.Trust.Contains(digest))
                await store.WriteAsync(db => Append(db, file, digest, order, actor));
            else
                refused.Add(file.NotVouchedFor());
        }
        return refused.Count == 0 ? report : refused.ToImmutableArray();
    }

    private Task Append(Db db, ScannedFile file, string digest, DeployOrder order, string actor)
    {
        string names = $"[{string.Join(',', file.Unknown.Select(name => $"\"{JsonEncodedText.Encode(name)}\""))}]";
        ledger.Append(db, actor, Action, digest, $"{file.Path} of {order.Model} may import {string.Join(", ", file.Unknown.Take(10))}", $$"""{"model":"{{order.Model}}","path":"{{JsonEncodedText.Encode(file.Path)}}","imports":{{names}}}""");
        return Task.CompletedTask;
    }
}
