using CsCheck;
using Raywright.Core.Scanning;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

/// <summary>Whatever a file contains, the scan ends within its bounds and without an exception.</summary>
public sealed class ScanPropertyTests
{
    private static readonly ScanLimits Small = new() { ExpansionAllowance = 1 << 20, LargestExpansion = 50, MostEntries = 3_000 };

    // Each container is opened a few times, and so is each one inside it.
    private const int MostPasses = 100;

    private static readonly KeyValuePair<string, byte[]>[] Files =
    [
        .. Scanned.Hostile.Select(file => KeyValuePair.Create(file.Key + ".joblib", file.Value)),
        .. Scanned.Benign.Where((_, index) => index % 5 == 0),
        .. Corpus(),
    ];

    private static readonly string[] Names = ["a.pkl", "a.joblib", "a.zip", "a.npy", "a.safetensors", "a.json", "a.yaml", "requirements.txt", "a.h5", "a.tar", "a"];

    private static readonly Gen<(int File, int Cut, (int Place, byte Value)[] Changes, int Splice)> Mutations =
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Int[0, 3000], Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[0, 6], Gen.Int[0, Files.Length * 4]);

    [Fact]
    public void AnyMutation_EndsWithinItsBounds() => Mutations.Sample(mutation =>
    {
        byte[] bytes = Mutated(mutation.File, mutation.Cut, mutation.Changes, mutation.Splice);
        AssertBounded(bytes, Scanned.Bytes(bytes, Files[mutation.File].Key, Small));
    }, iter: 6_000);

    [Fact]
    public void AnyBytes_EndWithinTheirBounds() =>
        Gen.Select(Gen.Byte.Array[0, 600], Gen.Int[0, Names.Length - 1])
            .Sample((bytes, name) => AssertBounded(bytes, Scanned.Bytes(bytes, Names[name], Small)), iter: 6_000);

    [Fact]
    public void AnyOpcodes_EndWithinTheirBounds()
    {
        byte[] opcodes = [.. "(.012FGIJKLMNPQRSTUVX]abcdeghijlopqrstu})CB"u8, .. Enumerable.Range(0x80, 0x19).Select(opcode => (byte)opcode), 0, 1, 2, 10];
        Gen.Int[0, opcodes.Length - 1].Array[1, 400].Sample(body =>
        {
            byte[] bytes = [0x80, 4, .. body.Select(index => opcodes[index])];
            AssertBounded(bytes, Scanned.Bytes(bytes, "a.pkl", Small));
        }, iter: 20_000);
    }

    [Fact]
    public void EveryTruncation_OfAPickle_IsRefusedOrBenignToTheEnd()
    {
        byte[] whole = Scanned.Benign["pipe.p4.pkl"];
        for (int length = 0; length < whole.Length; length++)
            Assert.Equal(ScanVerdict.Invalid, Scanned.Bytes(whole[..length], "model.pkl").Verdict);
    }

    [Fact]
    public void NoMutationOfABenignModel_HidesACallAppendedToIt() =>
        Gen.Select(Gen.Int[0, Scanned.Benign.Count - 1], Gen.Int[0, 3]).Sample((index, header) =>
        {
            (string name, byte[] model) = Scanned.Benign.ElementAt(index);
            if (!name.EndsWith(".pkl", StringComparison.Ordinal))
                return;
            byte[] call = [.. (header == 0 ? [] : (byte[])[0x80, (byte)(header + 1)]), .. "cposix\nsystem\n(Vtrue\ntR."u8];
            // In front of the model, behind it, and in the place of its end.
            Assert.Equal(ScanVerdict.Malicious, Scanned.Bytes([.. call, .. model], name).Verdict);
            Assert.Equal(ScanVerdict.Malicious, Scanned.Bytes([.. model, .. call], name).Verdict);
            Assert.Equal(ScanVerdict.Malicious, Scanned.Bytes([.. model[..^1], .. call], name).Verdict);
        }, iter: 300);

    private static void AssertBounded(byte[] bytes, ScannedFile file)
    {
        long unpacked = Math.Max(Small.ExpansionAllowance, (long)bytes.Length * Small.LargestExpansion);
        const int Slack = 1 << 20;
        Assert.InRange(file.Work.BytesUnpacked, 0, unpacked + Slack);
        Assert.InRange(file.Work.BytesRead, 0, (bytes.Length + file.Work.BytesUnpacked + 1024) * MostPasses);
        Assert.InRange(file.Work.Opcodes, 0, file.Work.BytesRead + 1);
        Assert.InRange(file.Work.Entries, 0, Small.MostEntries);
        Assert.InRange(file.Findings.Length, 0, 100);
        Assert.All(file.Findings, finding => Assert.DoesNotContain(finding.Problem.Detail, char.IsControl));
    }

    private static byte[] Mutated(int file, int cut, (int Place, byte Value)[] changes, int splice)
    {
        byte[] bytes = [.. Files[file].Value];
        if (splice < Files.Length)
            bytes = [.. bytes.AsSpan(0, bytes.Length / 2), .. Files[splice].Value.AsSpan(Files[splice].Value.Length / 3)];
        // Half of the time the end is kept: a directory of an archive stands there.
        if (cut < 1500)
            bytes = bytes[..(int)((long)bytes.Length * cut / 1500)];
        foreach ((int place, byte value) in changes)
        {
            if (bytes.Length > 0)
                bytes[(int)((long)place * (bytes.Length - 1) / 10_000)] = value;
        }
        return bytes;
    }

    private static IEnumerable<KeyValuePair<string, byte[]>> Corpus()
    {
        if (!SharedFiles.Present)
            return [];
        string root = SharedFiles.Path("models", "adversarial");
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is not (".py" or ".md"))
            .Order(StringComparer.Ordinal)
            .Select(path => KeyValuePair.Create(Path.GetFileName(path), File.ReadAllBytes(path)));
    }
}
