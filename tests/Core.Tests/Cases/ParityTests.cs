using System.Text;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Xunit;

namespace Raywright.Core.Tests.Cases;

/// <summary>Two forms of a model compared: what agrees, what differs, and which value of a row is shown.</summary>
public sealed class ParityTests
{
    private static readonly Contract Classifier = new(
        [new InputField("x", DataType.Float32, [-1, 2])],
        [new OutputField("label", DataType.Int64, [-1], LabelSet.List(["a", "b"])), new OutputField("scores", DataType.Float32, [-1, 2])]);

    [Fact]
    public void SmallDifferences_Agree_AndAreMeasured()
    {
        Parity parity = new(Classifier);
        parity.Add(Answer([0, 1], [0.9f, 0.1f, 0.2f, 0.8f]), Answer([0, 1], [0.9f, 0.1f, 0.2f, 0.800005f]));
        Assert.Equal((2, 0), (parity.Rows, parity.Differing));
        Assert.InRange(parity.Largest, 4e-6, 6e-6);
        Assert.StartsWith("2 rows, largest difference ", parity.Summary, StringComparison.Ordinal);
        Assert.Equal([("scores[0]", "0.9"), ("scores[1]", "0.8")], parity.Shown.Select(row => (row.Output, row.One)));
    }

    [Fact]
    public void AnotherClass_IsShownBeforeItsScores_AndIsNoDistance()
    {
        Parity parity = new(Classifier);
        parity.Add(Answer([0, 1], [0.6f, 0.4f, 0.2f, 0.8f]), Answer([0, 0], [0.6f, 0.4f, 0.6f, 0.4f]));
        ParityRow row = Assert.Single(parity.Differences);
        Assert.Equal(new ParityRow(0, 1, "label", "b", "a", null, false), row);
        Assert.Equal(0.4, parity.Largest, 1e-6);
        Assert.Equal(row, parity.Shown[0]);
        Assert.StartsWith("1 of 2 rows differ, largest difference 0.4", parity.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void TheToleranceOfTheCase_Decides()
    {
        Parity parity = new(Classifier);
        Result<Tensor[]> one = Answer([0], [100, 0.5f]), other = Answer([0], [100.01f, 0.5f]);
        parity.Add(one, other);
        parity.Add(one, other, new CaseTolerance(0.1, null));
        parity.Add(one, other, new CaseTolerance(null, 1e-3));
        parity.Add(one, other, new CaseTolerance(null, 1e-6));
        Assert.Equal([0, 3], parity.Differences.Select(row => row.Question));
    }

    [Fact]
    public void ARefusalOfOne_Differs_OfBothAgrees()
    {
        Parity parity = new(Classifier);
        Problem problem = new(Catalogue.ModelRunFailed, "It broke.");
        parity.Add(problem, Answer([0], [1, 0]));
        parity.Add(problem, problem with { Detail = "Otherwise." });
        Assert.Equal(new ParityRow(0, 0, "", "error: It broke.", "an answer", null, false), Assert.Single(parity.Differences));
        Assert.Equal(2, parity.Rows);
    }

    [Fact]
    public void NothingOfANumber_EqualsNothing_AndIsNoNumber()
    {
        Contract contract = new([new InputField("x", DataType.Float32, [-1])], [new OutputField("y", DataType.Float64, [-1], Nullable: true)]);
        Parity parity = new(contract);
        parity.Add(Number(double.NaN), Number(double.NaN));
        parity.Add(Number(double.NaN), Number(1));
        Assert.Equal((2, 1, 0), (parity.Rows, parity.Differing, parity.Largest));
    }

    [Theory]
    [InlineData("""{"a":[1,2.000001],"b":"x"}""", """{"a":[1,2],"b":"x"}""", true)]
    [InlineData("""{"a":[1,2.1],"b":"x"}""", """{"a":[1,2],"b":"x"}""", false)]
    [InlineData("""{"a":[1],"b":"x"}""", """{"a":[1],"b":"y"}""", false)]
    [InlineData("""{"a":[1]}""", """{"a":[1,2]}""", false)]
    public void Json_IsComparedByItsNumbers(string one, string other, bool agrees)
    {
        Parity parity = new(Contract.None);
        parity.Add(Json(one), Json(other));
        Assert.Equal(agrees ? 0 : 1, parity.Differing);
    }

    [Fact]
    public void ManyRows_AreCounted_AndFewKept()
    {
        Parity parity = new(Classifier);
        for (int question = 0; question < 1000; question++)
            parity.Add(Answer([0], [1, 0]), Answer([question % 2], [1, 0]));
        Assert.Equal((1000, 500, 20), (parity.Rows, parity.Differing, parity.Shown.Length));
        Assert.All(parity.Shown, row => Assert.False(row.Agrees));
    }

    private static Result<Tensor[]> Answer(long[] labels, float[] scores) =>
        new[] { Tensor.Of<long>(DataType.Int64, [labels.Length], labels), Tensor.Of<float>(DataType.Float32, [labels.Length, 2], scores) };

    private static Result<Tensor[]> Number(double value) => new[] { Tensor.Of<double>(DataType.Float64, [1], [value]) };

    private static Result<Tensor[]> Json(string text) => new[] { Tensor.OfBlobs(DataType.Json, [1], [Encoding.UTF8.GetBytes(text)]) };
}
