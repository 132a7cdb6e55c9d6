using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;
using OnnxModel = Raywright.Engine.Onnx.OnnxModel;

namespace Raywright.Engine.Tests;

/// <summary>What <c>init</c> writes is enough: the real models answer their cases under it, with the tolerances that a deploy uses.</summary>
public sealed class InitializedModelTests
{
    public static TheoryData<string> Models => SharedModels.OnnxFolders();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task CasesThatLieThere_PassUnderTheSpecOfInit(string folder)
    {
        InitResult init = await InitAsync(SharedFiles.Path("models", folder), null);
        int[] failing = Failing(init, CaseReader.Read(Path.Combine(init.Folder, init.CasesPath!), "cases.jsonl").Value);
        // Its author made this model differ from its source on four rows.
        Assert.Equal(folder == "iris/parity-gap" ? [20, 28, 37, 52] : [], failing);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task CasesThatInitRecords_PassUnderItsSpec(string folder)
    {
        using TemporaryFolder copy = new();
        File.Copy(SharedFiles.Path("models", folder, "model.onnx"), copy.Combine("model.onnx"));
        InitResult init = await InitAsync(copy.Path, Trial);
        Assert.Empty(init.Warnings.Where(warning => warning.Definition != Catalogue.LocaleNeeded));
        Assert.True(init.Write(force: false).Ok);
        IReadOnlyList<Case> cases = CaseReader.Read(copy.Combine("tests/cases.jsonl"), "cases.jsonl").Value;
        Assert.Equal(init.CaseCount, cases.Count);
        Assert.All(cases, one => Assert.NotNull(one.Expected));
        Assert.Empty(Failing(init, cases));
    }

    [Theory]
    [InlineData("iris", "species", "0 setosa,1 versicolor,2 virginica", "accuracy")]
    [InlineData("diabetes", "progression", "", "rmse")]
    public async Task DataSets_GiveColumnsClassesAndABar(string model, string target, string classes, string metric)
    {
        using TemporaryFolder copy = new();
        File.Copy(SharedFiles.Path("models", model, "v1", "model.onnx"), copy.Combine("model.onnx"));
        string data = SharedFiles.Path("models", model, "data", "train.csv");
        InitResult init = (await new Initializer(Trial).RunAsync(new(copy.Path, Data: data, Target: target), TestContext.Current.CancellationToken)).Value;
        ModelConfig config = Config(init);
        Assert.Equal(File.ReadLines(data).First().Split(',')[..^1], config.Contract.Inputs[0].Columns);
        Assert.Equal(classes, config.Contract.Outputs[0].Labels is { } labels ? string.Join(',', labels.Keys.Zip(labels.Names, (key, name) => $"{key} {name}")) : "");
        Assert.Equal(metric, config.Tests.Quality!.Metric);
        Assert.True(init.Write(force: false).Ok);
        Assert.Empty(Failing(init, CaseReader.Read(copy.Combine("tests/cases.jsonl"), "cases.jsonl").Value));
    }

    private static async Task<InitResult> InitAsync(string folder, ModelTrial? trial) =>
        (await new Initializer(trial).RunAsync(new(folder), TestContext.Current.CancellationToken)).Value;

    private static ModelConfig Config(InitResult init) => SpecResolver.Resolve(
        SpecReader.Read(init.Spec, SpecReader.FileName).Value, new EnvironmentConfig("dev"), ArtifactReader.Read(init.Folder, init.Source).Value.Contract).Value;

    /// <summary>Numbers of the cases, from 0, that do not pass.</summary>
    private static int[] Failing(InitResult init, IReadOnlyList<Case> cases)
    {
        Contract contract = Config(init).Contract;
        using OnnxModel model = Load(init.Folder, init.Source, contract);
        CaseComparer comparer = new(contract);
        return [.. cases.Select((one, number) => (one, number)).Where(pair =>
        {
            Tensor[] outputs = Ask(model, contract, pair.one.Body.Span).Value;
            bool passed = comparer.Compare(pair.one, outputs).Passed;
            foreach (Tensor tensor in outputs)
                tensor.Dispose();
            return !passed;
        }).Select(pair => pair.number)];
    }

    /// <summary>The probe's work without its process.</summary>
    private static Task<Result<ImmutableArray<Result<Tensor[]>>>> Trial(string folder, ArtifactDescription artifact, Contract contract, ImmutableArray<string> bodies, CancellationToken cancellation)
    {
        using OnnxModel model = Load(folder, artifact.Path, contract);
        ImmutableArray<Result<Tensor[]>> answers = [.. bodies.Select(body => Ask(model, contract, Encoding.UTF8.GetBytes(body)))];
        return Task.FromResult<Result<ImmutableArray<Result<Tensor[]>>>>(answers);
    }

    private static OnnxModel Load(string folder, string source, Contract contract) =>
        OnnxModel.Load(Path.Combine(folder, source), contract, new ResourcesConfig(1, 1 << 30), TimeProvider.System).Value;

    private static Result<Tensor[]> Ask(OnnxModel model, Contract contract, ReadOnlySpan<byte> body)
    {
        using ParsedRequest asked = new NeutralParser(contract).Parse(body).Value;
        Result<Tensor[]> answer = model.Run(new InferenceCall(asked.Inputs, "test", TimeSpan.FromSeconds(10)), TestContext.Current.CancellationToken);
        return answer.Ok && OutputCheck.Of(contract, answer.Value, asked.Rows) is { } broken ? broken : answer;
    }
}
