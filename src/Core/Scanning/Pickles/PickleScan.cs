using Raywright.Core.Errors;

namespace Raywright.Core.Scanning.Pickles;

/// <summary>Judges the pickles in a content: one or several after each other, complete or not.</summary>
internal static class PickleScan
{
    private const int MostPickles = 100_000;
    private const int DeepestInner = 4;

    /// <summary>Looks for a pickle at <paramref name="offset"/> of <paramref name="content"/>.</summary>
    /// <param name="content">What to look at.</param>
    /// <param name="notes">Where to say what is found.</param>
    /// <param name="expected">Whether the content claims to be a pickle, so that anything else is invalid.</param>
    /// <param name="offset">Bytes before it that belong to something else.</param>
    public static void Scan(Content content, ScanNotes notes, bool expected, int offset = 0)
    {
        PickleFindings findings = new(content.Budget);
        Walk walk = Read(content, findings, expected, offset, arraysFollow: true);
        if (!expected && walk.Completed == 0 && !findings.Malicious)
            return;
        if (findings.Arrays > 0)
        {
            // Plain pickle would take the bytes of the arrays for opcodes; only what is certain counts then.
            PickleFindings plain = new(content.Budget);
            Read(content, plain, expected, offset, arraysFollow: false);
            if (plain.Malicious)
                Report(content, notes, plain, unknownToo: false);
        }
        Report(content, notes, findings, unknownToo: expected || walk.Completed > 0);
        if (walk.Completed == 0 && expected)
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanPickleBroken, walk.End == PickleEnd.CutOff && walk.Header ? "the pickle is cut off" : "this is not a pickle");
    }

    private static Walk Read(Content content, PickleFindings findings, bool expected, int offset, bool arraysFollow)
    {
        using Stream stream = content.Open();
        PickleReader reader = new(stream);
        if (!reader.Skip(offset))
            return new(PickleEnd.CutOff, 0, false);
        bool header = false;
        for (int completed = 0; ; completed++)
        {
            int first = reader.Peek();
            if (first < 0 && completed > 0)
                return new(PickleEnd.Stopped, completed, header);
            header |= completed == 0 && first == 0x80;
            // After a complete pickle anything may follow, so that only what really runs counts.
            bool strict = completed > 0 || !(expected || header);
            PickleFindings own = completed == 0 ? findings : new(content.Budget);
            PickleEnd end = new PickleMachine(reader, own, strict, arraysFollow).Run();
            if (completed > 0 && (end == PickleEnd.Stopped || own.Malicious))
                findings.Add(own);
            if (completed >= MostPickles)
                findings.Opaque("more pickles follow each other in it than any library writes");
            if (end != PickleEnd.Stopped || completed >= MostPickles)
                return new(end, completed, header);
        }
    }

    private static void Report(Content content, ScanNotes notes, PickleFindings findings, bool unknownToo)
    {
        foreach ((GlobalName name, GlobalJudgement judgement) in findings.Names)
        {
            if (judgement != GlobalJudgement.Dangerous && !unknownToo)
                continue;
            notes.Global(name.Full);
            string shown = ScanNotes.Shown(name.Full);
            if (judgement == GlobalJudgement.Dangerous)
                notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanRunsCode, $"loading it uses {shown}");
            else if (judgement == GlobalJudgement.Unknown)
                notes.UnknownGlobal(content, name.Full, "loading it imports");
        }
        foreach ((string package, string version) in findings.Libraries)
            notes.Library(package, version);
        foreach ((ErrorDefinition definition, string detail) in findings.Others)
            notes.Add(content, ScanVerdict.Malicious, definition, detail);
        foreach (byte[] bytes in findings.Inner)
        {
            Content inner = content.Inner($"{content.Path}!bytes", "bytes.pt", bytes.Length, () => new MemoryStream(bytes, writable: false), unpacked: false);
            if (inner.Depth > content.Budget.Limits.DeepestNesting + DeepestInner)
                notes.Add(inner, ScanVerdict.Malicious, Catalogue.ScanOpaque, "pickles are nested too deeply in it");
            else
                ContentInspector.Inspect(inner, notes);
        }
    }

    private readonly record struct Walk(PickleEnd End, int Completed, bool Header);
}
