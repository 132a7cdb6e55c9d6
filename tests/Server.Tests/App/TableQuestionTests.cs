using System.Text;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Server.App.Playground;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>From what a person pastes to the rows that are asked.</summary>
public sealed class TableQuestionTests
{
    private static readonly OutputField[] AnyOutput = [new("y", DataType.Float32, [-1])];

    private static readonly Contract Flowers = new([new("input", DataType.Float32, [-1, 2], ["width", "height"], Min: 0)], [.. AnyOutput]);

    private static readonly Contract Customers = new(
        [new("plan", DataType.String, [-1, 1], Values: ["basic", "pro"]), new("months", DataType.Int64, [-1, 1], Nullable: true), new("active", DataType.Bool, [-1])], [.. AnyOutput]);

    [Theory]
    [InlineData("1\t2\n3\t4")]
    [InlineData("1,2\r\n3,4\r\n")]
    [InlineData("\uFEFFwidth;height\n1;2\n\n3;4\n")]
    [InlineData("Height,WIDTH\n2,1\n4,3")]
    [InlineData("id\twidth\theight\nA\t1\t2\nB\t3\t4")]
    [InlineData("\"width\",\"height\"\n\"1\",\"2\"\n3,\"4\"")]
    public void Rows_AreRead_HoweverTheyAreSeparated(string text)
    {
        TableQuestion table = Read(Flowers, text);
        Assert.Equal("""{"inputs":[{"width":1,"height":2},{"width":3,"height":4}]}""", Encoding.UTF8.GetString(table.Body));
        Assert.Equal(["width", "height"], table.Columns);
        Assert.Equal([["1", "2"], ["3", "4"]], table.Rows.Select(row => row.ToArray()));
    }

    [Fact]
    public void ADecimalComma_IsAPoint_WhereNoCommaStandsBetweenCells()
    {
        Assert.Equal("""{"inputs":[{"width":1.5,"height":-2.25}]}""", Encoding.UTF8.GetString(Read(Flowers, "1,5;-2,25").Body));
        Assert.Equal("""{"inputs":[{"width":1.5,"height":2}]}""", Encoding.UTF8.GetString(Read(Flowers, "width\theight\n1,5\t2").Body));
    }

    [Fact]
    public void ColumnsThatTheModelDoesNotTake_AreLeft()
    {
        TableQuestion table = Read(Flowers, "id,width,height,note\n7,1,2,\"a, b\"");
        Assert.Equal(["id", "note"], table.Left);
        Assert.Equal("""{"inputs":[{"width":1,"height":2}]}""", Encoding.UTF8.GetString(table.Body));
    }

    [Fact]
    public void EachKindOfField_IsWrittenAsItself()
    {
        TableQuestion table = Read(Customers, "plan,months,active\npro,,yes\nbasic,22,0");
        Assert.Equal("""{"inputs":[{"plan":"pro","months":null,"active":true},{"plan":"basic","months":22,"active":false}]}""", Encoding.UTF8.GetString(table.Body));
    }

    [Fact]
    public void AListOfNumbers_MayStandInAsManyCells()
    {
        Contract pixels = new([new("pixels", DataType.Float32, [-1, 14])], [.. AnyOutput]);
        Assert.Equal("""{"inputs":[{"pixels":[0,1,2,3,4,5,6,7,8,9,10,11,12,13]}]}""", Encoding.UTF8.GetString(Read(pixels, "0,1,2,3,4,5,6,7,8,9,10,11,12,13").Body));
    }

    [Theory]
    [InlineData("width,height\n1,x", "Row 1, column height: height is 'x', which is no number.")]
    [InlineData("1,2\n3,", "Row 2, column height: height is empty.")]
    [InlineData("1,2\n3", "Row 2 has 1 cell; the table has 2 columns.")]
    [InlineData("1,2,3", "The table has 3 columns, and the model takes 2: width, height. Names above the columns say which is which.")]
    [InlineData("width,hieght\n1,2", "The table has no column height. It has width, hieght.")]
    [InlineData("wide,tall\n1,2", "The table has no column width, height. It has wide, tall.")]
    [InlineData("width,height\n", "The table has names of columns and no row.")]
    [InlineData("", "The table is empty.")]
    [InlineData("1,2\n\"3,4", "The quote that opens in line 2 is never closed.")]
    public void WhatIsWrong_IsSaidWithItsPlace(string text, string said)
    {
        Result<TableQuestion> table = TableQuestion.Of(Flowers, text);
        Assert.False(table.Ok);
        Assert.Equal(said, table.Problems[0].Detail);
    }

    [Fact]
    public void AValueThatIsNotAllowed_IsSaidWithItsPlace() =>
        Assert.Equal("Row 2, column plan: plan needs one of its values.", TableQuestion.Of(Customers, "plan,months,active\npro,1,yes\ngold,1,yes").Problems[0].Detail);

    [Fact]
    public void TooManyRows_AreRefused()
    {
        string text = string.Concat(Enumerable.Repeat("1,2\n", TableQuestion.MostRows + 1));
        Assert.Contains("at most 1,000", TableQuestion.Of(Flowers, text).Problems[0].Detail, StringComparison.Ordinal);
        Assert.True(TableQuestion.Of(Flowers, text[4..]).Ok);
    }

    private static TableQuestion Read(Contract contract, string text)
    {
        Result<TableQuestion> table = TableQuestion.Of(contract, text);
        Assert.True(table.Ok, string.Join("; ", table.Problems));
        return table.Value;
    }
}
