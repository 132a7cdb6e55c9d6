using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

public sealed class ArchiveTests
{
    private static readonly byte[] Evil = "cposix\nsystem\n(Vtrue\ntR."u8.ToArray();

    [Fact]
    public void AnEntry_IsNamedWithItsWay()
    {
        ScannedFile file = Scanned.Bytes(Zip(("inner.zip", Zip(("a/b.dat", Evil)))), "model.pt");
        Assert.Contains(file.Findings, finding => finding.Path == "model.pt!inner.zip!a/b.dat" && finding.Problem.Definition == Catalogue.ScanRunsCode);
        Assert.Equal(["posix.system"], file.Globals);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("/x")]
    [InlineData("\\x")]
    [InlineData("C:/x")]
    [InlineData("a\\..\\..\\x")]
    public void AName_ThatLeavesTheFolder_IsMalicious(string name)
    {
        AssertHas(Scanned.Bytes(Zip((name, [1])), "a.zip"), ScanVerdict.Malicious, Catalogue.ScanArchivePath);
        AssertHas(Scanned.Bytes(Tar(new PaxTarEntry(TarEntryType.RegularFile, name)), "a.tar"), ScanVerdict.Malicious, Catalogue.ScanArchivePath);
    }

    [Theory]
    [InlineData("/etc/passwd", ScanVerdict.Malicious)]
    [InlineData("../../x", ScanVerdict.Malicious)]
    [InlineData("../other", ScanVerdict.Suspicious)]
    [InlineData("other", ScanVerdict.Suspicious)]
    public void ALinkInATar_IsJudgedByItsTarget(string target, ScanVerdict verdict) =>
        AssertHas(Scanned.Bytes(Tar(new UstarTarEntry(TarEntryType.SymbolicLink, "a/link") { LinkName = target }), "a.tar"), verdict, Catalogue.ScanArchiveLink);

    [Fact]
    public void AFileWrittenThroughALink_IsMalicious() => AssertHas(
        Scanned.Bytes(Tar(new UstarTarEntry(TarEntryType.SymbolicLink, "a") { LinkName = "b" }, new UstarTarEntry(TarEntryType.RegularFile, "a/x")), "a.tar"),
        ScanVerdict.Malicious, Catalogue.ScanArchiveLink);

    [Fact]
    public void ACutOffArchive_IsInvalid_AndWhatIsLeftStillCounts()
    {
        byte[] benign = Zip(("a.txt", "hello"u8.ToArray()), ("b.txt", "world"u8.ToArray()));
        Assert.Equal(ScanVerdict.Invalid, Scanned.Bytes(benign[..^30], "a.zip").Verdict);
        byte[] hostile = Zip(("a.txt", Evil), ("b.txt", "world"u8.ToArray()));
        Assert.Equal(ScanVerdict.Malicious, Scanned.Bytes(hostile[..60], "a.zip").Verdict);
    }

    [Fact]
    public void AWrongChecksum_IsInvalid()
    {
        byte[] bytes = Zip(("a.txt", "hello"u8.ToArray()));
        int directory = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        bytes[directory + 16] ^= 1;
        AssertHas(Scanned.Bytes(bytes, "a.zip"), ScanVerdict.Invalid, Catalogue.ScanArchiveBroken);
    }

    [Fact]
    public void EntriesThatShareTheirBytes_AreABomb()
    {
        byte[] bytes = Zip(("a", new byte[100]), ("b", new byte[100]));
        int second = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        // The second entry of the directory points to the data of the first.
        bytes.AsSpan(second + 42, 4).Clear();
        AssertHas(Scanned.Bytes(bytes, "a.zip"), ScanVerdict.Malicious, Catalogue.ScanArchiveBomb);
    }

    [Fact]
    public void ABomb_IsStoppedAtTheAllowance()
    {
        ScanLimits limits = new() { ExpansionAllowance = 1 << 20, LargestExpansion = 10 };
        ScannedFile file = Scanned.Bytes(Zip(("a", new byte[64 << 20])), "a.zip", limits);
        AssertHas(file, ScanVerdict.Malicious, Catalogue.ScanArchiveBomb);
        Assert.InRange(file.Work.BytesUnpacked, 0, 2 << 20);
    }

    [Fact]
    public void ManyEntries_StopTheScan()
    {
        byte[] bytes = Zip([.. Enumerable.Range(0, 50).Select(index => ($"f{index}", new byte[] { 1 }))]);
        ScannedFile file = Scanned.Bytes(bytes, "a.zip", new ScanLimits { MostEntries = 20 });
        AssertHas(file, ScanVerdict.Malicious, Catalogue.ScanArchiveBomb);
        Assert.Equal(20, file.Work.Entries);
    }

    [Fact]
    public void DeepNesting_IsRefused()
    {
        byte[] bytes = Evil;
        for (int level = 0; level < 10; level++)
            bytes = Zip(("a.zip", bytes));
        AssertHas(Scanned.Bytes(bytes, "a.zip"), ScanVerdict.Malicious, Catalogue.ScanOpaque);
    }

    [Fact]
    public void Lz4_IsUnpacked()
    {
        byte[] header = [0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82];
        // 15 + 9 literals and no match: a block as the compressor writes it for short data; then the same uncompressed.
        byte[] packed = [0xF0, 9, .. Evil];
        byte[] plain = [.. header, (byte)Evil.Length, 0, 0, 0x80, .. Evil, 0, 0, 0, 0];
        AssertHas(Scanned.Bytes([.. header, (byte)packed.Length, 0, 0, 0, .. packed, 0, 0, 0, 0], "model.joblib"), ScanVerdict.Malicious, Catalogue.ScanRunsCode);
        AssertHas(Scanned.Bytes(plain, "model.joblib"), ScanVerdict.Malicious, Catalogue.ScanRunsCode);
        // A text "posix\nsystem\n" is dropped; the name behind the opcode c is a match into it.
        byte[] matched = Convert.FromHexString("f9078002580d000000706f7369780a73797374656d0a30630f00c058040000007472756585522e");
        AssertHas(Scanned.Bytes([.. header, (byte)matched.Length, 0, 0, 0, .. matched, 0, 0, 0, 0], "model.joblib"), ScanVerdict.Malicious, Catalogue.ScanRunsCode);
    }

    [Fact]
    public void AnUnknownCompression_OfAModel_IsRefused()
    {
        byte[] zstandard = [0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3];
        AssertHas(Scanned.Bytes(zstandard, "model.pkl"), ScanVerdict.Malicious, Catalogue.ScanOpaque);
        AssertHas(Scanned.Bytes(zstandard, "data.csv.zst"), ScanVerdict.Suspicious, Catalogue.ScanOpaque);
    }

    [Fact]
    public void AnOrdinaryArchive_IsBenign()
    {
        Assert.Empty(Scanned.Bytes(Zip(("a/", []), ("a/weights.bin", new byte[5000]), ("readme.txt", "hello"u8.ToArray())), "a.zip").Findings);
        Assert.Empty(Scanned.Bytes(Tar(new PaxTarEntry(TarEntryType.Directory, "a"), new PaxTarEntry(TarEntryType.RegularFile, $"a/{new string('b', 150)}") { DataStream = new MemoryStream([1, 2]) }), "a.tar").Findings);
    }

    private static void AssertHas(ScannedFile file, ScanVerdict verdict, ErrorDefinition definition)
    {
        Assert.Equal(verdict, file.Verdict);
        Assert.Contains(file.Findings, finding => finding.Verdict == verdict && finding.Problem.Definition == definition);
    }

    private static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return bytes.ToArray();
    }

    private static byte[] Tar(params TarEntry[] entries)
    {
        MemoryStream bytes = new();
        using (TarWriter writer = new(bytes, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
                writer.WriteEntry(entry);
        }
        return bytes.ToArray();
    }
}
