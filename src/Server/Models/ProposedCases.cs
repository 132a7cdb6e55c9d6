using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Ledger;
using Raywright.Server.Store;

namespace Raywright.Server.Models;

/// <summary>
/// Cases that people propose, mostly because an answer was wrong. They are kept until the model goes, given out as lines of a cases
/// file, and count for nothing before somebody has put them into that file.
/// </summary>
public sealed class ProposedCases(DbStore store, LedgerService ledger, ModelService models, TimeProvider clock)
{
    private const int MostCases = 1000;
    private const int LargestLine = 1 << 20;
    private const int LongestName = 200;
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<Result<ProposedCase>> AddAsync(string model, CaseProposal proposal, string actor)
    {
        if (await models.FindAsync(model) is { Ok: false } unknown)
            return unknown.Problems;
        if (Objection(proposal) is { } objection)
            return objection;
        string line = Line(proposal);
        if (line.Length > LargestLine)
            return new Problem(Catalogue.RequestInvalid, "The case is larger than 1 MiB.", "inputs");
        return await store.WriteAsync<Result<ProposedCase>>(async db =>
        {
            int count = await db.Set<ProposedCaseRow>().CountAsync(row => row.Model == model);
            if (await db.Set<ProposedCaseRow>().AnyAsync(row => row.Model == model && row.Line == line))
                return new ProposedCase(line, count);
            if (count >= MostCases)
                return new Problem(Catalogue.RequestInvalid, $"{MostCases} cases are proposed for {model}, and more are not kept.", Fix: "Take those that are right into the cases file and deploy; deleting the model clears them.");
            db.Add(new ProposedCaseRow { Model = model, Version = proposal.Version, Line = line, At = clock.NowMicros(), By = actor });
            string about = proposal.Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"{model}:{version}") : model;
            ledger.Append(db, actor, "case.proposed", model, $"a case is proposed for {model}: the answer of {about} should be {Short(proposal)}");
            return new ProposedCase(line, count + 1);
        });
    }

    public Task<int> CountAsync(string model) => store.ReadAsync(db => db.Set<ProposedCaseRow>().CountAsync(row => row.Model == model));

    /// <summary>Lines of a cases file, oldest first; each ends with a line feed.</summary>
    public async Task<Result<byte[]>> LinesAsync(string model)
    {
        if (await models.FindAsync(model) is { Ok: false } unknown)
            return unknown.Problems;
        List<string> lines = await store.ReadAsync(db => db.Set<ProposedCaseRow>().Where(row => row.Model == model).OrderBy(row => row.Id).Select(row => row.Line).ToListAsync());
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
    }

    private static Problem? Objection(CaseProposal proposal) => proposal switch
    {
        { Inputs.ValueKind: not (JsonValueKind.Object or JsonValueKind.Array) } => new(Catalogue.RequestInvalid, "`inputs` is neither an object nor a list.", "inputs"),
        { Parameters.ValueKind: not JsonValueKind.Object } when proposal.Parameters is not null => new(Catalogue.RequestInvalid, "`parameters` is no object.", "parameters"),
        { Expected.ValueKind: not (JsonValueKind.Object or JsonValueKind.Array) } when proposal.Expected is not null => new(Catalogue.RequestInvalid, "`expected` is no object of outputs.", "expected"),
        { Label: null, Expected: null } => new(Catalogue.RequestInvalid, "A proposed case says what is right: by `label` or by `expected`.", "label"),
        { Name: { } name } when name.Length > LongestName || name.Any(char.IsControl) => new(Catalogue.RequestInvalid, $"A case's name has at most {LongestName} characters, on one line.", "name"),
        _ => null,
    };

    /// <summary>In the form that <see cref="Core.Cases.CaseReader"/> reads.</summary>
    private static string Line(CaseProposal proposal)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter writer = new(line, Relaxed))
        {
            writer.WriteStartObject();
            foreach ((string key, JsonElement? value) in new[] { ("inputs", proposal.Inputs), ("parameters", proposal.Parameters), ("label", proposal.Label), ("expected", proposal.Expected) })
            {
                if (value is not { } given)
                    continue;
                writer.WritePropertyName(key);
                given.WriteTo(writer);
            }
            if (proposal.Name is not null)
                writer.WriteString("name", proposal.Name);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(line.ToArray());
    }

    private static string Short(CaseProposal proposal)
    {
        string text = (proposal.Label ?? proposal.Expected)!.Value.GetRawText();
        return text.Length <= 100 ? text : text[..100] + "…";
    }
}
