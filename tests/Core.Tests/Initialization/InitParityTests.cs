using System.Collections.Immutable;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Tensors;
using Xunit;

namespace Raywright.Core.Tests.Initialization;

/// <summary><c>init</c> on a graph that has its source beside it: what is compared, and what is only said.</summary>
public sealed class InitParityTests
{
    /// <summary>Enough for the reader to take it for a booster of LightGBM.</summary>
    private const string Booster = "tree\nversion=v4\n";

    [Theory]
    [InlineData("model.txt", true)]
    [InlineData("model.txt booster.txt", true)]
    [InlineData("booster.txt", true)]
    [InlineData("model.model model.txt", true)]
    [InlineData("a.txt b.txt", false)]
    [InlineData("model.py", false)]
    public async Task TheOtherForm_IsTheNamesakeOrTheOnlyOne(string files, bool compared)
    {
        using InitFolder folder = Folder(files.Split(' '));
        InitResult result = await folder.InitAsync(trial: Trial(0));
        Assert.Equal(compared ? files.Split(' ')[0] : null, InitFolder.Read(result).Tests.Parity);
        Assert.Equal(compared, result.Notes.Any(note => note.Contains("answers the same: 5 rows, largest difference 0.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task WhatDiffers_IsCounted()
    {
        using InitFolder folder = Folder("model.txt");
        InitResult result = await folder.InitAsync(trial: Trial(0.25f));
        Assert.Equal("model.txt", InitFolder.Read(result).Tests.Parity);
        Assert.Contains(result.Notes, note => note.StartsWith("model.txt answers differently: 0 of 5 rows agree, largest difference 0.25.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CasesThatLieThere_AreAsked()
    {
        using InitFolder folder = Folder("model.txt").With("cases.jsonl", """{"inputs":{"features":[[1,2],[3,4]]}}""");
        Assert.Contains((await folder.InitAsync(trial: Trial(0))).Notes, note => note.Contains("2 rows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatCannotBeLoadedHere_IsANote()
    {
        using InitFolder folder = Folder("model.txt");
        ModelTrial works = Trial(0);
        InitResult result = await folder.InitAsync(trial: (at, artifact, contract, bodies, cancellation) => artifact.Runtime == RuntimeKind.Python
            ? Task.FromResult<Result<ImmutableArray<Result<Tensor[]>>>>(new Problem(Catalogue.PythonLibraryMissing, "No module named 'lightgbm'."))
            : works(at, artifact, contract, bodies, cancellation));
        Assert.Null(InitFolder.Read(result).Tests.Parity);
        Assert.Contains("model.txt was not compared: No module named 'lightgbm'.", result.Notes);
    }

    [Fact]
    public async Task APickleThatWouldRunSomething_IsNotLoaded()
    {
        using InitFolder folder = Folder().With("model.pkl", "cos\nsystem\n(S'true'\ntR.");
        ModelTrial works = Trial(0);
        InitResult result = await folder.InitAsync(trial: (at, artifact, contract, bodies, cancellation) => artifact.Runtime == RuntimeKind.Python
            ? throw new InvalidOperationException("It must not be loaded.")
            : works(at, artifact, contract, bodies, cancellation));
        Assert.Null(InitFolder.Read(result).Tests.Parity);
        Assert.Contains(result.Notes, note => note.StartsWith("model.pkl was not compared: ", StringComparison.Ordinal));
    }

    private static InitFolder Folder(params string[] others)
    {
        InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        foreach (string other in others)
            folder.With(other, other.EndsWith(".py", StringComparison.Ordinal) ? "class Model:\n    def predict(self, inputs): pass\n" : Booster);
        return folder;
    }

    /// <summary>The source's scores are off by a little.</summary>
    private static ModelTrial Trial(float off) => (folder, artifact, contract, bodies, cancellation) => FakeTrial.Answering(input =>
    {
        int rows = (int)input.Rows;
        float first = artifact.Runtime == RuntimeKind.Python ? 0.5f + off : 0.5f;
        return
        [
            Tensor.Of<long>(DataType.Int64, [rows], new long[rows]),
            Tensor.Of<float>(DataType.Float32, [rows, 3], [.. Enumerable.Range(0, rows).SelectMany(_ => new[] { first, 0.25f, 0.25f })]),
        ];
    })(folder, artifact, contract, bodies, cancellation);
}
