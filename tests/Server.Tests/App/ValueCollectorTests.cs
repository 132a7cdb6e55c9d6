using System.Text.Json;
using Raywright.Server.App.Playground;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>How the values of a stream are laid out for a person.</summary>
public sealed class ValueCollectorTests
{
    [Theory]
    [InlineData("""["Hel", "lo"]""")]
    [InlineData("""[{"word": "Hel"}, {"word": "lo"}]""")]
    [InlineData("""[{"token": "Hel", "id": 7, "finish_reason": null}, {"token": "lo", "id": 8, "finish_reason": "stop"}]""")]
    [InlineData("""[{"role": "assistant", "text": "Hel"}, {"role": "assistant", "text": "lo"}]""")]
    public void Texts_AreJoined(string values)
    {
        StreamedValues seen = Collect(values);
        Assert.Equal("Hello", seen.Text);
        Assert.Empty(seen.Rows);
        Assert.Equal(2, seen.Count);
        Assert.Equal(2, seen.Json.Split('\n').Length);
    }

    [Theory]
    [InlineData("""[{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]""", "step=1 loss=0.5;step=2 loss=0.25")]
    [InlineData("""[{"label": "cat", "score": 0.5}]""", "label=cat score=0.5")]
    [InlineData("""[[{"y": 1}, {"y": 2}], [{"y": 3}]]""", "y=1;y=2;y=3")]
    [InlineData("[1, [2, 3], null]", "value=1;value=[2,3];value=null")]
    public void EverythingElse_IsRows(string values, string rows)
    {
        StreamedValues seen = Collect(values);
        Assert.Equal("", seen.Text);
        Assert.Equal(rows, string.Join(';', seen.Rows.Select(row => string.Join(' ', row.Select(part => $"{part.Name}={part.Text}")))));
    }

    [Fact]
    public void ATextWithFiguresAtItsEnd_HasBoth()
    {
        StreamedValues seen = Collect("""["Hi", {"tokens": 1, "seconds": 2}]""");
        Assert.Equal("Hi", seen.Text);
        Assert.Single(seen.Rows);
    }

    [Fact]
    public void AStreamWithoutEnd_TakesBoundedRoom_AndShowsItsNewest()
    {
        ValueCollector values = new();
        for (int index = 0; index < 10_000; index++)
        {
            values.Add(JsonElement.Parse($$$"""{"outputs":"{{{index}}} "}"""));
            values.Add(JsonElement.Parse($$$"""{"outputs":{{{index}}}}"""));
        }
        StreamedValues seen = values.Look();
        Assert.Equal(20_000, seen.Count);
        Assert.True(seen.TextIsCut);
        Assert.InRange(seen.Text.Length, 1000, 20_000);
        Assert.EndsWith("9998 9999 ", seen.Text, StringComparison.Ordinal);
        Assert.Equal("9999", seen.Rows[^1][0].Text);
        Assert.Equal(10_000, seen.RowsBefore + seen.Rows.Length);
        Assert.InRange(seen.Json.Length, 1000, 100_100);
        Assert.EndsWith("… cut off here", seen.Json, StringComparison.Ordinal);
    }

    private static StreamedValues Collect(string values)
    {
        ValueCollector collector = new();
        foreach (JsonElement value in JsonElement.Parse(values).EnumerateArray())
            collector.Add(JsonElement.Parse($$$"""{"outputs":{{{value.GetRawText()}}}}"""));
        return collector.Look();
    }
}
