using System.Globalization;
using System.Text.Json;
using CsCheck;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Initialization;

/// <summary><c>init --data rows.csv --target col</c>.</summary>
public sealed class InitDataTests
{
    [Fact]
    public async Task Columns_BecomeTheNamesOfTheInput_AndRowsBecomeCases()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", Flowers(90));
        InitResult result = await folder.InitAsync("rows.csv", "kind");
        Assert.Equal(["length", "width"], result.Contract.Inputs[0].Columns);
        Assert.Equal("tests/cases.jsonl", result.CasesPath);
        JsonElement[] cases = Lines(result);
        Assert.Equal(50, cases.Length);
        Assert.All(cases, one => Assert.Contains(one.GetProperty("label").GetString(), new[] { "a rose", "daisy", "lily" }));
        Assert.Equal(["length", "width"], cases[0].GetProperty("inputs").EnumerateObject().Select(property => property.Name));
        Assert.Equal(result.Contract.Inputs, InitFolder.Read(result).Contract.Inputs);
        NeutralParser parser = new(result.Contract);
        Assert.All(cases, one => Assert.True(parser.Parse(JsonSerializer.SerializeToUtf8Bytes(new { inputs = one.GetProperty("inputs") })).Ok));
    }

    [Fact]
    public async Task TheSameSeed_DrawsTheSameRows()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", Flowers(200));
        Assert.Equal((await folder.InitAsync("rows.csv", "kind")).Cases, (await folder.InitAsync("rows.csv", "kind")).Cases);
    }

    [Fact]
    public async Task NamedTruths_NameTheClasses_AndTheModelConfirmsIt()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", Flowers(90));
        InitResult result = await folder.InitAsync("rows.csv", "kind", trial: FakeTrial.Answering(input => Classified((int)input.Values<float>()[0] % 3)));
        Assert.Equal(LabelSet.List(["a rose", "daisy", "lily"]), result.Contract.Outputs[0].Labels);
        Assert.Contains("50 of 50 answers agree", result.Spec, StringComparison.Ordinal);
        ModelConfig config = InitFolder.Read(result);
        Assert.Equal(result.Contract.Outputs, config.Contract.Outputs);
        Assert.Equal(new QualityConfig("accuracy", 0.97, null), config.Tests.Quality);
        Assert.Equal("classification", config.Task);
    }

    [Fact]
    public async Task AnswersThatSpeakForAnotherOrder_AreReportedAndNotFollowed()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", Flowers(90));
        InitResult result = await folder.InitAsync("rows.csv", "kind", trial: FakeTrial.Answering(input => Classified(2 - ((int)input.Values<float>()[0] % 3))));
        Assert.Equal(LabelSet.List(["a rose", "daisy", "lily"]), result.Contract.Outputs[0].Labels);
        Assert.Contains("50 would agree with the order lily, daisy, a rose", result.Spec, StringComparison.Ordinal);
        InitFolder.Read(result);
    }

    [Fact]
    public async Task WithoutAModelToAsk_TheOrderIsSaidToBeAssumed()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", Flowers(90));
        InitResult result = await folder.InitAsync("rows.csv", "kind");
        Assert.Contains("# Names of the classes are assumed", result.Spec, StringComparison.Ordinal);
        Assert.Null(InitFolder.Read(result).Tests.Quality);
    }

    [Fact]
    public async Task Regression_GetsABarAboveItsError()
    {
        OnnxBuilder model = new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 1).Output("y", OnnxBuilder.Float, -1, 1);
        string rows = "x,price\n" + string.Concat(Enumerable.Range(0, 60).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row},{row * 10 + (row % 2 == 0 ? 4 : -4)}\n")));
        using InitFolder folder = new InitFolder("prices").Model(model).With("rows.csv", rows);
        InitResult result = await folder.InitAsync("rows.csv", "price", trial: FakeTrial.Answering(input => [Tensor.Of<float>(DataType.Float32, [1, 1], [input.Values<float>()[0] * 10])]));
        Assert.Equal(new QualityConfig("rmse", null, 5), InitFolder.Read(result).Tests.Quality);
        Assert.Equal("regression", InitFolder.Read(result).Task);
        Assert.Equal(JsonValueKind.Number, Lines(result)[0].GetProperty("label").ValueKind);
    }

    [Fact]
    public async Task SingleInputs_GetRangesWithRoom_Categories_AndMissingValues()
    {
        using InitFolder folder = new InitFolder("churn").Model(Mixed()).With("rows.csv", People());
        Contract contract = InitFolder.Read(await folder.InitAsync("rows.csv", "gone")).Contract;
        Assert.Equal(["basic", "pro"], contract.Inputs[0].Values);
        Assert.Equal((0, 120), (contract.Inputs[1].Min, contract.Inputs[1].Max));
        Assert.Equal("20 to 69 in rows.csv", contract.Inputs[1].Description);
        Assert.Equal([false, false, true], contract.Inputs.Select(input => input.Nullable));
        Assert.Empty(contract.Inputs[2].Columns);
    }

    [Fact]
    public async Task TruthLeftInTheColumns_IsSaidWithTheCure()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", Flowers(20));
        Problem problem = Assert.Single((await folder.TryAsync("rows.csv")).Problems);
        Assert.Equal(Catalogue.DataColumnMissing, problem.Definition);
        Assert.Contains("--target", problem.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "RW1130")]
    [InlineData("length,width,kind\n", "RW1130")]
    [InlineData("length,width,kind\n1,2\n", "RW1130")]
    [InlineData("length,width,kind\n1,tall,lily\n", "RW1130")]
    [InlineData("length,width,kind\n1,\"2,lily\n", "RW1130")]
    [InlineData("length,width,sort\n1,2,lily\n", "RW1131")]
    [InlineData("kind,length\nlily,1\n", "RW1131")]
    public async Task BrokenData_HasAProblemOfItsOwn(string rows, string code)
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", rows);
        Assert.Equal(code, (await folder.TryAsync("rows.csv", "kind")).Problems[0].Code);
    }

    [Fact]
    public async Task ValueThatIsNoNumber_IsFoundByItsLine()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", "length,width,kind\n1,2,lily\n3,tall,lily\n");
        Problem problem = Assert.Single((await folder.TryAsync("rows.csv", "kind")).Problems);
        Assert.Equal(new SourceLocation("rows.csv", 3, 1), problem.Location);
        Assert.Contains("'tall'", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RowNumbersInFront_AreLeftOut()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", ",length,width,kind\n0,1,2,lily\n1,3,4,daisy\n");
        Assert.Equal(["length", "width"], (await folder.InitAsync("rows.csv", "kind")).Contract.Inputs[0].Columns);
    }

    [Fact]
    public void AnyQuotedText_ArrivesInTheCasesAsItWas() =>
        Gen.String[Gen.Char["ab ,;\t\"\n'é{"], 1, 12].Array[1, 20].Sample(texts =>
        {
            string rows = "text\n" + string.Concat(texts.Select(text => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\r\n"));
            using InitFolder folder = new InitFolder()
                .Model(new OnnxBuilder().Input("text", OnnxBuilder.Text, -1, 1).Output("label", OnnxBuilder.Int64, -1)).With("rows.csv", rows);
            InitResult result = folder.InitAsync("rows.csv").GetAwaiter().GetResult();
            return Lines(result).Select(one => one.GetProperty("inputs").GetProperty("text").GetString()!).SequenceEqual(texts);
        }, iter: 200, threads: 1);

    [Fact]
    public void AnyText_GivesASpecOrAProblem() =>
        Gen.String[Gen.Char["ab1,;\t\"\n\r. -#é'\\:{}"], 0, 120].Sample(rows =>
        {
            using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("rows.csv", "length,width,kind\n" + rows);
            Result<InitResult> result = folder.TryAsync("rows.csv", "kind").GetAwaiter().GetResult();
            if (result.Ok)
                InitFolder.Read(result.Value);
            return result.Ok || result.Problems.All(problem => problem.Code is "RW1130" or "RW1131");
        }, iter: 300, threads: 1);

    private static Tensor[] Classified(int label) =>
        [Tensor.Of<long>(DataType.Int64, [1], [label]), Tensor.Of<float>(DataType.Float32, [1, 3], [0.2f, 0.3f, 0.5f])];

    private static string Flowers(int rows) => "length,width,kind\n" + string.Concat(Enumerable.Range(0, rows).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $"{row},{row * 0.5},{(row % 3) switch { 0 => "a rose", 1 => "daisy", _ => "lily" }}\n")));

    private static OnnxBuilder Mixed() => new OnnxBuilder()
        .Input("plan", OnnxBuilder.Text, -1, 1)
        .Input("age", OnnxBuilder.Int64, -1, 1)
        .Input("usage", OnnxBuilder.Float, -1, 1)
        .Output("label", OnnxBuilder.Int64, -1);

    private static string People() => "usage;age;plan;gone\n" + string.Concat(Enumerable.Range(0, 50).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $"{(row == 7 ? "" : "1.5")};{20 + row};{(row % 2 == 0 ? "basic" : "pro")};{row % 2}\n")));

    private static JsonElement[] Lines(InitResult result) =>
        [.. result.Cases!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
