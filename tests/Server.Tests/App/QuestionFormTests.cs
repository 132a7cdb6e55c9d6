using System.Text;
using System.Text.Json;
using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Server.App.Playground;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>From a contract to fields, and from fields to the body that the gateway reads.</summary>
public sealed class QuestionFormTests
{
    private static readonly OutputField[] AnyOutput = [new("y", DataType.Float32, [-1])];

    public static TheoryData<string> Models => SharedModels.OnnxFolders();

    [Fact]
    public void Columns_AreNumbersWithTheirRange()
    {
        QuestionForm form = Form(new InputField("input", DataType.Float32, [-1, 2], ["width", "height"], Min: 0, Max: 20));
        Assert.Equal(["width", "height"], form.Fields.Select(field => field.Label));
        Assert.All(form.Fields, field => Assert.Equal((FieldKind.Number, "0 to 20"), (field.Kind, field.Hint)));
        Set(form, "1.5", "2");
        Assert.Equal("""{"inputs":{"width":1.5,"height":2}}""", Body(form));
    }

    [Fact]
    public void Units_StandBehindTheRange()
    {
        QuestionForm form = Form(
            new InputField("size", DataType.Float32, [-1, 2], ["width", "weight"], Min: 0, Max: 20, Units: ["cm", "kg"]),
            new InputField("months", DataType.Int64, [-1, 1], Units: ["months"]),
            new InputField("load", DataType.Float32, [-1, 1], Units: ["kW"]),
            new InputField("day", DataType.Float32, [-1, 24], Min: 0, Units: ["kWh"]),
            new InputField("voltage", DataType.Int32, [-1], Values: ["110", "230"], Units: ["V"]));
        Assert.Equal(["0 to 20 cm", "0 to 20 kg", "whole number, in months", "in kW", "24 numbers, at least 0 kWh each", "in V"], form.Fields.Select(field => field.Hint));
    }

    [Fact]
    public void InputsOfOneValue_GoByTheirName()
    {
        QuestionForm form = Form(
            new InputField("plan", DataType.String, [-1, 1], Values: ["basic", "pro"]),
            new InputField("months", DataType.Int64, [-1, 1]),
            new InputField("active", DataType.Bool, [-1]),
            new InputField("note", DataType.String, [-1]));
        Assert.Equal([FieldKind.Choice, FieldKind.Number, FieldKind.Check, FieldKind.Text], form.Fields.Select(field => field.Kind));
        Set(form, "pro", "22", "true", "\"quoted\" ü");
        Assert.Equal("""{"inputs":{"plan":"pro","months":22,"active":true,"note":"\"quoted\" ü"}}""", Body(form));
    }

    [Fact]
    public void FewValuesWithoutNames_AreFields_ManyAreAList_MoreDimensionsAreJson()
    {
        QuestionForm form = Form(
            new InputField("few", DataType.Float32, [-1, 3]),
            new InputField("many", DataType.Int32, [-1, 24]),
            new InputField("any", DataType.Float32, [-1, -1]),
            new InputField("image", DataType.Float32, [-1, 2, 2]));
        Assert.Equal([3, 1, 1, 1], form.Groups.Select(group => group.Fields.Length));
        Assert.Equal([FieldKind.Number, FieldKind.List, FieldKind.List, FieldKind.Json], form.Groups.Select(group => group.Fields[0].Kind));
        Set(form, "1", "2", "3", string.Join('\n', Enumerable.Range(0, 24)), "[1.5; 2]", "[[1,2],[3,4]]");
        Assert.Equal($$$"""{"inputs":{"few":[1,2,3],"many":[{{{string.Join(',', Enumerable.Range(0, 24))}}}],"any":[1.5,2],"image":[[1,2],[3,4]]}}""", Body(form));
    }

    [Fact]
    public void NoValue_IsNull_AndAnOptionalInputMayStayAway()
    {
        QuestionForm form = Form(
            new InputField("hours", DataType.Float64, [-1, 1], Nullable: true),
            new InputField("extra", DataType.Float64, [-1, 1], Optional: true));
        form.Groups[0].Fields[0].IsNull = true;
        form.Groups[1].Included = false;
        Assert.Equal("""{"inputs":{"hours":null}}""", Body(form));
        Assert.True(form.Fill(Json("""{"inputs": {"hours": 3, "extra": 4}}""")));
        Assert.Equal("""{"inputs":{"hours":3,"extra":4}}""", Body(form));
    }

    [Fact]
    public void ColumnsOfTheSameName_GoByTheirInput()
    {
        QuestionForm form = Form(
            new InputField("left", DataType.Float32, [-1, 2], ["x", "y"]),
            new InputField("right", DataType.Float32, [-1, 2], ["x", "y"]));
        Set(form, "1", "2", "3", "4");
        Assert.Equal("""{"inputs":{"left":[1,2],"right":[3,4]}}""", Body(form));
    }

    [Fact]
    public void NumbersKeepEveryDigit()
    {
        QuestionForm form = Form(new InputField("id", DataType.UInt64, [-1]), new InputField("small", DataType.Float64, [-1]));
        Set(form, "18446744073709551615", "+1e-7");
        Assert.Equal("""{"inputs":{"id":18446744073709551615,"small":1e-7}}""", Body(form));
    }

    [Fact]
    public void WhatIsNoValue_IsNamed()
    {
        QuestionForm form = Form(
            new InputField("a", DataType.Float32, [-1]),
            new InputField("b", DataType.Float32, [-1]),
            new InputField("c", DataType.Float32, [-1, 24]),
            new InputField("d", DataType.Float32, [-1, 2, 2]),
            new InputField("e", DataType.String, [-1], Values: ["x"]));
        Set(form, "", "NaN", "1 2 3", "[[1,", "z");
        Result<byte[]> body = form.Body();
        Assert.Equal(["a", "b", "c", "d", "e"], body.Problems.Select(problem => problem.Field!));
        Assert.Equal(
            ["a is empty.", "b is 'NaN', which is no number.", "c takes 24 values, here are 3.", "d is not JSON at line 1, column 4.", "e needs one of its values."],
            body.Problems.Select(problem => problem.Detail));
    }

    [Theory]
    [InlineData("""{"inputs": {"input": [[1, 2], [3, 4]]}}""")]
    [InlineData("""{"inputs": {"input": [1, 2]}}""")]
    [InlineData("""{"inputs": {"width": 1, "height": 2}}""")]
    [InlineData("""{"inputs": [{"width": 1, "height": 2}, {"width": 3, "height": 4}]}""")]
    [InlineData("""{"inputs": [[1, 2], [3, 4]]}""")]
    [InlineData("""{"inputs": [1, 2]}""")]
    public void EveryForm_OfABody_FillsTheFields(string body)
    {
        QuestionForm form = Form(new InputField("input", DataType.Float32, [-1, 2], ["width", "height"]));
        Assert.True(form.Fill(Json(body)));
        Assert.Equal("""{"inputs":{"width":1,"height":2}}""", Body(form));
    }

    [Theory]
    [InlineData("""{"outputs": {}}""")]
    [InlineData("""{"inputs": {"width": 1}}""")]
    [InlineData("""{"inputs": {"width": [1], "height": {}}}""")]
    [InlineData("""{"inputs": [1, 2, 3]}""")]
    [InlineData("""{"inputs": []}""")]
    [InlineData("[]")]
    public void ABody_ThatDoesNotFit_IsNotTakenForOne(string body) =>
        Assert.False(Form(new InputField("input", DataType.Float32, [-1, 2], ["width", "height"])).Fill(Json(body)));

    [Fact]
    public void WhatOnlyJsonCanSay_HasNoForm()
    {
        Assert.Null(QuestionForm.Of(Contract.None));
        Assert.Null(QuestionForm.Of(new Contract([new InputField("any", DataType.Json, [-1])], [.. AnyOutput])));
        Assert.Null(QuestionForm.Of(new Contract([new InputField("fixed", DataType.Float32, [4, 2])], [.. AnyOutput])));
    }

    /// <summary>A real case goes through the form and comes out as the same tensors.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void ARealCase_SurvivesTheForm(string model)
    {
        string folder = SharedFiles.Path("models", model);
        Contract contract = ArtifactReader.Read(folder, "model.onnx").Value.Contract!;
        QuestionForm form = QuestionForm.Of(contract)!;
        NeutralParser parser = new(contract);
        foreach (string line in File.ReadLines(Path.Combine(folder, "cases.jsonl")).Take(5))
        {
            string body = $$"""{"inputs": {{Json(line).GetProperty("inputs").GetRawText()}}}""";
            Result<ParsedRequest> wanted = parser.Parse(Encoding.UTF8.GetBytes(body));
            Assert.True(wanted.Ok, wanted.Ok ? "" : wanted.Problems[0].Detail);
            Assert.True(form.Fill(Json(body)), body);
            Result<ParsedRequest> made = parser.Parse(Encoding.UTF8.GetBytes(Body(form)));
            Assert.True(made.Ok, made.Ok ? "" : made.Problems[0].Detail);
            using ParsedRequest left = wanted.Value;
            using ParsedRequest right = made.Value;
            for (int index = 0; index < contract.Inputs.Length; index++)
                Same(left.Inputs[index], right.Inputs[index]);
        }
    }

    private static void Same(Tensor? wanted, Tensor? made)
    {
        Assert.Equal(wanted is null, made is null);
        if (wanted is null || made is null)
            return;
        using Tensor row = wanted.Rank > 0 && wanted.Rows > 1 ? wanted.Slice(0, 1) : Tensor.Join([wanted]);
        Assert.Equal(row.Shape, made.Shape);
        if (row.Type.HasFixedSize)
            Assert.True(row.Bytes.SequenceEqual(made.Bytes));
        else if (row.Type == DataType.String)
            Assert.Equal(row.Texts, made.Texts);
        else
            Assert.Equal(row.Blobs, made.Blobs);
    }

    private static QuestionForm Form(params InputField[] inputs) => QuestionForm.Of(new Contract([.. inputs], [.. AnyOutput]))!;

    private static void Set(QuestionForm form, params string[] texts)
    {
        foreach ((QuestionField field, string text) in form.Fields.Zip(texts))
            field.Text = text;
    }

    private static string Body(QuestionForm form)
    {
        Result<byte[]> body = form.Body();
        Assert.True(body.Ok, string.Join('\n', body.Problems));
        return Encoding.UTF8.GetString(body.Value);
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
