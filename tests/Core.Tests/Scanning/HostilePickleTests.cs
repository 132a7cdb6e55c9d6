using Raywright.Core.Scanning;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

/// <summary>Ways around a scanner that the shared corpus does not have.</summary>
public sealed class HostilePickleTests
{
    public static TheoryData<string> Names => [.. Scanned.Hostile.Keys];

    // Four bytes that no loader would take for a pickle unless its name said so.
    public static TheoryData<string> UnmistakableNames => [.. Scanned.Hostile.Keys.Where(name => name != "HugeMemo")];

    [Theory]
    [MemberData(nameof(Names))]
    public void IsMalicious_NamedAsAPickle(string name) => AssertMalicious(Scanned.Bytes(Scanned.Hostile[name], "model.joblib"));

    [Theory]
    [MemberData(nameof(UnmistakableNames))]
    public void IsMalicious_UnderAnyOtherName(string name) => AssertMalicious(Scanned.Bytes(Scanned.Hostile[name], "notes.dat"));

    [Theory]
    [InlineData("MemoOverwrittenByLongBinput", "posix.system")]
    [InlineData("NamesEscapedInText", "posix.system")]
    [InlineData("NamesEscapedInString", "posix.system")]
    [InlineData("NumpyUfuncByName", "posix.system")]
    [InlineData("AfterObjectArray", "posix.system")]
    [InlineData("SecondZlibMember", "posix.system")]
    [InlineData("TorchLoadFromBytes", "posix.system")]
    [InlineData("PandasDataFrameEval", "pandas.core.frame.DataFrame.eval")]
    public void TheNameBehindIt_IsReported(string name, string global) =>
        Assert.Contains(global, Scanned.Bytes(Scanned.Hostile[name], "model.joblib").Globals);

    private static void AssertMalicious(ScannedFile file) =>
        Assert.True(file.Verdict == ScanVerdict.Malicious, $"{file.Verdict}: {string.Join("; ", file.Findings)}");
}
