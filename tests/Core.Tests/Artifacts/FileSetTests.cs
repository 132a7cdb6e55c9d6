using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Artifacts;

/// <summary>The files of a version and their digest.</summary>
public sealed class FileSetTests
{
    [Fact]
    public void Digest_IsOverSortedLinesOfPathSizeAndHash()
    {
        using TemporaryFolder folder = new();
        folder.Write("b.txt", "two");
        folder.Write("a/one.txt", "one");
        ImmutableArray<FileReference> files = FileSet.Read(folder.Path, ["b.txt", "a/one.txt", "b.txt"]).Value;
        Assert.Equal(["a/one.txt", "b.txt"], files.Select(file => file.Path));
        string text = $"a/one.txt\03\0{Hash("one")}\nb.txt\03\0{Hash("two")}\n";
        Assert.Equal(Hash(text), FileSet.Digest(files.Reverse()));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("C:x")]
    [InlineData("line\nbreak")]
    [InlineData("ends ")]
    public void OddPath_IsRefused(string path)
    {
        using TemporaryFolder folder = new();
        Assert.Equal(Catalogue.FileNotAllowed, Assert.Single(FileSet.Read(folder.Path, [path]).Problems).Definition);
    }

    [Fact]
    public void NamesThatDifferInCase_AreRefusedTogether()
    {
        using TemporaryFolder folder = new();
        folder.Write("model.onnx", "a");
        folder.Write("Model.onnx", "b");
        Assert.Equal(Catalogue.FileNotAllowed, Assert.Single(FileSet.Read(folder.Path, ["model.onnx", "Model.onnx"]).Problems).Definition);
    }

    [Fact]
    public void LinkInside_IsTaken_AndLinkOutIsRefused()
    {
        using TemporaryFolder folder = new();
        using TemporaryFolder elsewhere = new();
        folder.Write("model.onnx", "a");
        elsewhere.Write("secret", "s");
        File.CreateSymbolicLink(folder.Combine("same.onnx"), "model.onnx");
        File.CreateSymbolicLink(folder.Combine("out.onnx"), elsewhere.Combine("secret"));
        Directory.CreateSymbolicLink(folder.Combine("inner"), elsewhere.Path);
        Assert.True(FileSet.Read(folder.Path, ["same.onnx"]).Ok);
        Assert.Equal(2, FileSet.Read(folder.Path, ["out.onnx", "inner/secret"]).Problems.Count(problem => problem.Definition == Catalogue.FileNotAllowed));
    }

    [Fact]
    public void FolderThatIsItselfBehindALink_IsNoReasonToRefuse()
    {
        using TemporaryFolder folder = new();
        using TemporaryFolder elsewhere = new();
        elsewhere.Write("model.onnx", "a");
        Directory.CreateSymbolicLink(folder.Combine("project"), elsewhere.Path);
        Assert.True(FileSet.Read(folder.Combine("project"), ["model.onnx"]).Ok);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
