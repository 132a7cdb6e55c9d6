using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;
using Raywright.Server.App.Playground;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>What stands beside an answer: the line before a forecast, the image, the other version, the correction.</summary>
public sealed class AnswerShownTests
{
    private static readonly Contract Forecast = new([new("history", DataType.Float32, [-1, 6])], [new("forecast", DataType.Float32, [-1, 2])]);

    [Fact]
    public void ASeries_IsReadFromTheQuestion()
    {
        QuestionShown shown = QuestionShown.Of(Forecast, null, JsonElement.Parse("""{"inputs":{"history":[[1,2,3,4,5,6.5]]}}"""));
        Assert.Equal([1, 2, 3, 4, 5, 6.5], shown.Series);
        Assert.Equal(("history", (string?)null), (shown.SeriesName, shown.Picture));
    }

    [Fact]
    public void NamedColumns_AreASeriesOnlyWhereTheTaskSaysSo()
    {
        Contract lags = new([new("x", DataType.Float32, [-1, 4], ["t4", "t3", "t2", "t1"])], [new("y", DataType.Float32, [-1, 2])]);
        JsonElement body = JsonElement.Parse("""{"inputs":[[4,3,2,1]]}""");
        Assert.Empty(QuestionShown.Of(lags, "regression", body).Series);
        Assert.Equal([4, 3, 2, 1], QuestionShown.Of(lags, "forecasting", body).Series);
    }

    [Fact]
    public void AnImage_IsShownAgain()
    {
        Contract digits = new([new("image", DataType.Float32, [-1, 8, 8], Description: "0..16")], [new("label", DataType.Int64, [-1])]);
        string row = $"[{string.Join(',', Enumerable.Repeat("[0,1,2,3,4,5,6,16]", 8))}]";
        Assert.StartsWith("data:image/bmp;base64,", QuestionShown.Of(digits, null, JsonElement.Parse($$$"""{"inputs":{"image":[{{{row}}}]}}""")).Picture, StringComparison.Ordinal);
    }

    [Fact]
    public void ALine_FillsItsBox_AndTheForecastBeginsWhereTheHistoryEnds()
    {
        LinePlot plot = new([0, 5, 10], [20, 15]);
        Assert.Equal([0, 5, 10, 15, 20], plot.Ticks);
        string[] before = plot.HistoryPoints.Split(' '), after = plot.FuturePoints.Split(' ');
        Assert.Equal((3, 3), (before.Length, after.Length));
        Assert.Equal(before[^1], after[0]);
        Assert.Equal(("46,194", "450,56"), (before[0], after[^1]));
        Assert.Equal(plot.Y(20), after[1].Split(',')[1]);
    }

    [Theory]
    [InlineData(new double[] { 3, 3, 3 })]
    [InlineData(new double[0])]
    [InlineData(new[] { double.NaN, 1 })]
    [InlineData(new[] { 1e300, -1e300 })]
    public void OddLines_AreDrawnAsWell(double[] history)
    {
        LinePlot plot = new([.. history], [1]);
        Assert.InRange(plot.Ticks.Length, 2, 12);
        Assert.DoesNotContain("NaN", plot.HistoryPoints + plot.FuturePoints, StringComparison.Ordinal);
    }

    [Fact]
    public void Differences_AreMarked_AndNoiseIsNot()
    {
        Answer one = Read("""{"outputs":{"label":"setosa","p":{"setosa":0.9,"virginica":0.1},"price":100.0,"v":[1.0,2.0,4.0]}}""");
        Answer other = Read("""{"outputs":{"label":"virginica","p":{"setosa":0.4,"virginica":0.6},"price":100.0000001,"v":[1.0,2.0,4.0000000001]}}""");
        AnswerDifference[] rows = [.. AnswerDifference.Of(one, other)];
        Assert.Equal([("label", true), ("p · setosa", true), ("p · virginica", true), ("price", false), ("v", false)], rows.Select(row => (row.Output, row.Differs)));
        Assert.Equal(("90.0 %", "40.0 %", 0.5), (rows[1].One, rows[1].Other, Math.Round(rows[1].Distance!.Value, 6)));
        Assert.DoesNotContain(AnswerDifference.Of(one, one), row => row.Differs);
    }

    [Fact]
    public void AnOutputThatOnlyOneHas_Differs()
    {
        AnswerDifference only = Assert.Single(AnswerDifference.Of(Read("""{"outputs":{"y":1}}"""), Read("""{"outputs":{}}""")));
        Assert.Equal(("y", "1", null, true), (only.Output, only.One, only.Other, only.Differs));
    }

    [Fact]
    public void AnEmbedding_IsKnownByItsLength()
    {
        string list = string.Join(',', Enumerable.Range(0, 40).Select(index => index % 2 == 0 ? "-1" : "2"));
        AnswerPart part = Assert.Single(Assert.Single(Read($$$"""{"outputs":{"embedding":[{{{list}}}]}}""").Rows));
        Assert.True(part.IsVector);
        Assert.False(Assert.Single(Assert.Single(Read("""{"outputs":{"next":[1,2,3]}}""").Rows)).IsVector);
        Assert.Equal((1, 0, -1), (Math.Round(VectorDistance.Cosine([1, 2], [2, 4]), 9), VectorDistance.Cosine([1, 0], [0, 3]), Math.Round(VectorDistance.Cosine([1, 1], [-1, -1]), 9)));
    }

    [Fact]
    public void ACorrection_OffersTheClasses_AndBecomesACase()
    {
        Contract contract = new([new("x", DataType.Float32, [-1, 1])], [new("label", DataType.Int64, [-1], LabelSet.List(["no", "yes"]))]);
        Asked asked = new("", Read("""{"outputs":{"label":"no"}}"""), null, "r", "m:3", "rev", 1) { Question = JsonElement.Parse("""{"inputs":{"x":1}}""") };
        Correction correction = Correction.Of(contract, asked)!;
        Assert.Equal(["no", "yes"], correction.Choices);
        Assert.False(correction.Propose(asked, "maybe").Ok);
        Assert.False(correction.Propose(asked, " ").Ok);
        Core.Api.CaseProposal proposal = correction.Propose(asked, "yes").Value;
        Assert.Equal(("""{"x":1}""", "\"yes\"", 3), (proposal.Inputs.GetRawText(), proposal.Label!.Value.GetRawText(), proposal.Version));
    }

    [Fact]
    public void ACorrectionOfNumbers_WantsAsManyNumbers()
    {
        Asked asked = new("", Read("""{"outputs":{"forecast":[1.5,2.5]}}"""), null, null, null, null, 1) { Question = JsonElement.Parse("""{"inputs":{"history":[1,2,3,4,5,6]}}""") };
        Correction correction = Correction.Of(Forecast, asked)!;
        Assert.Equal("[3,4.5]", correction.Propose(asked, "3, 4.5").Value.Label!.Value.GetRawText());
        Assert.Equal("forecast takes 2 numbers.", correction.Propose(asked, "3").Problems[0].Detail);
    }

    private static Answer Read(string body) => Answer.Of(JsonElement.Parse(body));
}
