namespace Raywright.Gateway.Records;

/// <summary>A record (DESIGN 2): one answered request. Ledger, feedback, labels and replay read only these.</summary>
/// <param name="AtMicros">When it was answered, UTC microseconds.</param>
/// <param name="Revision">Empty where no revision was reached.</param>
/// <param name="Code">Catalogue code of the problem; empty where there was none.</param>
/// <param name="Key">Public part of the key; empty without one.</param>
/// <param name="Sample">The request body of a sampled request, possibly cut; empty otherwise.</param>
public sealed record ServedRecord(
    string RequestId,
    string Environment,
    string Model,
    string Revision,
    int Status,
    string Code,
    long AtMicros,
    long LatencyMicros,
    long Rows,
    long RequestBytes,
    long AnswerBytes,
    string Key,
    ReadOnlyMemory<byte> Sample);
