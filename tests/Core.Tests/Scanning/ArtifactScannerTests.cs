using Raywright.Core.Errors;
using Raywright.Core.Scanning;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

public sealed class ArtifactScannerTests
{
    private static readonly byte[] Evil = "cposix\nsystem\n(Vtrue\ntR."u8.ToArray();

    [Fact]
    public void AFolder_IsScannedFileByFile()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(Path.Combine(folder.Path, "a", "b"));
        File.WriteAllText(Path.Combine(folder.Path, "notes.txt"), "hello");
        File.WriteAllText(Path.Combine(folder.Path, "a", "requirements.txt"), "-r other.txt");
        File.WriteAllBytes(Path.Combine(folder.Path, "a", "b", "weights.dat"), Evil);
        ScanReport report = Scanned.At(folder.Path);
        Assert.Equal(["a/b/weights.dat", "a/requirements.txt", "notes.txt"], report.Files.Select(file => file.Path));
        Assert.Equal(ScanVerdict.Malicious, report.Verdict);
        Assert.Equal([Catalogue.ScanRunsCode], report.Refusals.Select(problem => problem.Definition));
        Assert.Equal([Catalogue.ScanRequirementSource], report.Warnings.Select(problem => problem.Definition));
        Assert.Equal("loading it uses posix.system", report.Files[0].Reason![(report.Files[0].Reason!.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
    }

    [Fact]
    public void ListedFiles_AreTheOnlyOnesScanned()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(Path.Combine(folder.Path, "a.txt"), "hello");
        File.WriteAllBytes(Path.Combine(folder.Path, "b.pkl"), Evil);
        Assert.Equal(ScanVerdict.Benign, ArtifactScanner.Scan(folder.Path, ["a.txt"], cancellation: TestContext.Current.CancellationToken).Verdict);
    }

    [Fact]
    public void AMissingFile_IsInvalid()
    {
        using TemporaryFolder folder = new();
        Assert.Equal([Catalogue.ArtifactMissing], Scanned.At(Path.Combine(folder.Path, "absent.pkl")).Refusals.Select(problem => problem.Definition));
    }

    [Fact]
    public void AFileThatFailsWhileItIsRead_IsInvalid()
    {
        ScanSource source = new("model.bin", () => new FailingStream());
        Assert.Equal([Catalogue.ArtifactBroken], ArtifactScanner.Scan([source], cancellation: TestContext.Current.CancellationToken).Refusals.Select(problem => problem.Definition));
    }

    [Fact]
    public void Cancelling_EndsTheScan()
    {
        ScanSource source = new("model.pkl", () => new MemoryStream(Evil));
        Assert.Throws<OperationCanceledException>(() => ArtifactScanner.Scan([source], cancellation: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void NamesFromTheFile_ReachNoTerminalAsTheyAre()
    {
        byte[] pickle = [0x80, 4, 0x8C, 2, (byte)'o', (byte)'s', 0x8C, 8, .. "\u001b[2Jevil"u8, 0x93, (byte)'.'];
        ScannedFile file = Scanned.Bytes([.. pickle], "model.pkl");
        Assert.Equal(ScanVerdict.Malicious, file.Verdict);
        Assert.DoesNotContain('\u001b', file.Globals[0]);
        Assert.DoesNotContain('\u001b', file.Reason!);
    }

    [Fact]
    public void AWorseFinding_IsNotCrowdedOutByMany()
    {
        string unknown = string.Concat(Enumerable.Range(0, 500).Select(index => $"cmy_company.models\nModel{index}\n0"));
        ScannedFile file = Scanned.Bytes([.. System.Text.Encoding.ASCII.GetBytes(unknown), .. Evil], "model.pkl");
        Assert.Equal(100, file.Findings.Length);
        Assert.Equal(ScanVerdict.Malicious, file.Verdict);
    }

    private sealed class FailingStream : MemoryStream
    {
        public FailingStream()
            : base(new byte[1000])
        {
        }

        public override int Read(Span<byte> buffer) => throw new IOException("The disk is gone.");
    }
}
