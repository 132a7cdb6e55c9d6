using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Spec;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Initialization;

/// <summary>Every real model gets a spec from its files alone, and its cases fit the contract that the spec spells out.</summary>
public sealed class SharedModelInitTests
{
    public static TheoryData<string> Models => SharedModels.OnnxFolders();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Init_WritesASpecThatReadsBackAsTheSameContract(string folder)
    {
        InitResult result = await InitAsync(folder);
        Assert.Equal("model.onnx", result.Source);
        Assert.Equal("cases.jsonl", result.CasesPath);
        Assert.Null(result.Cases);
        ModelConfig config = Read(result);
        Assert.Equal(result.Contract.Inputs, config.Contract.Inputs);
        Assert.Equal(result.Contract.Outputs, config.Contract.Outputs);
        Assert.Equal("cases.jsonl", config.Tests.Cases);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task EveryCase_ParsesAgainstTheContractOfTheSpec(string folder)
    {
        NeutralParser parser = new(Read(await InitAsync(folder)).Contract);
        foreach (Case one in CaseReader.Read(SharedFiles.Path("models", folder, "cases.jsonl"), "cases.jsonl").Value)
        {
            Result<ParsedRequest> parsed = parser.Parse(one.Body.Span);
            Assert.True(parsed.Ok, parsed.Ok ? null : parsed.Problems[0].ToString());
            parsed.Value.Dispose();
        }
    }

    [Theory]
    [InlineData("iris/v1", "iris", "classification", "0 setosa,1 versicolor,2 virginica")]
    [InlineData("iris/v3-bad", "iris", "classification", "0 setosa,1 versicolor,2 virginica")]
    [InlineData("iris/v4-breaking", "iris", "classification", "0 setosa,1 versicolor,2 virginica")]
    [InlineData("boosters/xgboost-wine", "xgboost-wine", "classification", "0 class_0,1 class_1,2 class_2")]
    [InlineData("anomaly", "anomaly", "anomaly-detection", "-1 anomaly,1 normal")]
    [InlineData("tickets/v2", "tickets", "text-classification", "account account,billing billing,shipping shipping,technical technical")]
    [InlineData("churn", "churn", "classification", "")]
    [InlineData("digits/cnn", "cnn", "image-classification", "")]
    [InlineData("diabetes/v1", "diabetes", "regression", "")]
    [InlineData("forecast/v2", "forecast", "forecasting", "")]
    [InlineData("tinylm", "tinylm", "text-generation", "")]
    public async Task Init_FindsNameTaskAndClasses(string folder, string model, string task, string classes)
    {
        InitResult result = await InitAsync(folder);
        Assert.Equal(model, result.Model);
        Assert.Equal(task, Read(result).Task);
        LabelSet? labels = result.Contract.Outputs[0].Labels;
        Assert.Equal(classes, labels is null ? "" : string.Join(',', labels.Keys.Zip(labels.Names, (key, name) => $"{key} {name}")));
    }

    [Fact]
    public async Task InputThatACaseLeavesNull_IsNullable()
    {
        InitResult result = await InitAsync("churn");
        Assert.Equal("usage_hours", Assert.Single(result.Contract.Inputs, input => input.Nullable).Name);
    }

    [Fact]
    public async Task SeveralModels_TheOneCalledModelIsTakenAndTheOtherNamed()
    {
        InitResult result = await InitAsync("iris/v1");
        Assert.Contains(result.Notes, note => note.Contains("model.zipmap.onnx", StringComparison.Ordinal));
        Assert.Contains("53 of 60 answers agree", result.Spec, StringComparison.Ordinal);
    }

    private static async Task<InitResult> InitAsync(string folder)
    {
        Result<InitResult> result = await new Initializer().RunAsync(new(SharedFiles.Path(["models", .. folder.Split('/')])), TestContext.Current.CancellationToken);
        return result.Value;
    }

    private static ModelConfig Read(InitResult result)
    {
        Result<SpecDocument> spec = SpecReader.Read(result.Spec, SpecReader.FileName);
        Assert.True(spec.Ok, spec.Ok ? null : $"{string.Join('\n', spec.Problems)}\n{result.Spec}");
        Result<ModelConfig> config = SpecResolver.Resolve(spec.Value, new EnvironmentConfig("dev"), ArtifactReader.Read(result.Folder, result.Source).Value.Contract);
        Assert.True(config.Ok, config.Ok ? null : $"{string.Join('\n', config.Problems)}\n{result.Spec}");
        return config.Value;
    }
}
