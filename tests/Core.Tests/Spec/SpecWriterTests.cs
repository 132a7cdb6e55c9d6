using System.Collections.Immutable;
using CsCheck;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Spec;

public sealed class SpecWriterTests
{
    private static readonly LabelSet Flowers = LabelSet.List(["setosa", "versicolor", "virginica"]);

    /// <summary>Names that try to be something else in YAML.</summary>
    private static readonly string[] Odd =
        ["null", "~", "true", "No", "on", "y", "1", "-1", "1e5", "0x1", ".inf", "a: b", "a #b", "- a", "*a", "&a", "!a", "[a", "{a", "a, b", "'", "\"", "\\", " a ", "\t", "a\nb", "é", "日本", "😀", "\u0001", "\u0085", "\u2028", "\uFEFF", "%a", "@a", "`a", "|", ">", "?", "<<", "=", "---", "..."];

    private static readonly Gen<string> Name = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 1, 8],
        Gen.Int[0, Odd.Length - 1].Select(index => Odd[index]),
        Gen.String[1, 6].Where(text => text.All(character => !char.IsSurrogate(character) && character is not ('\uFFFE' or '\uFFFF'))));

    private static readonly Gen<string> FieldName = Name.Where(name => !name.Any(char.IsControl));

    private static readonly Gen<InputField> Input =
        from name in FieldName
        from type in Gen.Int[0, 14].Select(number => (DataType)number)
        from columns in Name.Array[0, 4]
        from values in Gen.Short.Select(number => Math.Abs(number % 100).ToString(System.Globalization.CultureInfo.InvariantCulture)).Array[0, 3]
        from flags in Gen.Byte
        from description in Name
        let names = columns.Distinct(StringComparer.Ordinal).Select(column => $"{column}.{name}").ToImmutableArray()
        let number = type.IsFloat || type.IsInteger
        select new InputField(name, type, names.IsEmpty ? [-1, .. Enumerable.Repeat(3L, flags % 3)] : [-1, names.Length],
            Columns: names,
            Values: number || type == DataType.String ? [.. values] : [],
            Min: number && (flags & 4) > 0 ? -0.5 : null,
            Max: number && (flags & 8) > 0 ? 1e20 : null,
            Nullable: (flags & 16) > 0 && (type.IsFloat || type == DataType.String),
            Optional: (flags & 32) > 0,
            Description: (flags & 64) > 0 ? description : null);

    private static readonly Gen<OutputField> Output =
        from name in FieldName
        from type in Gen.Int[0, 12].Select(number => (DataType)number)
        from classes in Name.Array[2, 5].Select(names => names.Distinct(StringComparer.Ordinal).ToImmutableArray())
        from labelled in Gen.Bool
        from shifted in Gen.Bool
        let keys = classes.Select((_, index) => (type == DataType.Bool ? index % 2 : index - (shifted ? 1 : 0)).ToString(System.Globalization.CultureInfo.InvariantCulture)).ToImmutableArray()
        let set = type == DataType.String && shifted ? new LabelSet(classes, classes) : new LabelSet(keys, classes)
        select new OutputField(name, type, type.IsFloat ? [-1, classes.Length] : [-1], labelled && type != DataType.Bool ? set : null);

    [Fact]
    public void TheIrisSpec_ReadsWell() => Golden.Matches("iris.yaml", SpecWriter.Write(new(
        "iris", "model.onnx", "classification",
        new Contract(
            [new InputField("features", DataType.Float32, [-1, 4], Columns: ["sepal_length", "sepal_width", "petal_length", "petal_width"])],
            [new OutputField("label", DataType.Int64, [-1], Flowers), new OutputField("probabilities", DataType.Float32, [-1, 3], Flowers)]),
        "tests/cases.jsonl", new("accuracy", 0.85, null), "The order of the classes was taken from the data.")));

    [Fact]
    public void WhatIsWritten_ReadsAsTheSame() => Gen.Select(Input.Array[1, 4], Output.Array[1, 4], Name).Sample((inputs, outputs, task) =>
    {
        Contract contract = ClassNames.Spread(new([.. inputs.DistinctBy(input => input.Name)], [.. outputs.DistinctBy(output => output.Name)]));
        string text = SpecWriter.Write(new("iris", "models/my model.onnx", task, contract, "tests/cases.jsonl", new("rmse", 0.1, 2)));
        Result<SpecDocument> read = SpecReader.Read(text, "s.yaml");
        Assert.True(read.Ok, $"{(read.Ok ? "" : read.Problems[0].ToString())}\n{text}");
        ModelConfig config = SpecResolver.Resolve(read.Value, new("dev"), null).Value;
        Assert.Equal(contract, config.Contract);
        Assert.Equal(("iris", "models/my model.onnx", task), (config.Model, config.Source, config.Task));
        Assert.Equal(new TestsConfig("tests/cases.jsonl", null, new("rmse", 0.1, 2)), config.Tests);
    }, iter: 1000);

    [Fact]
    public void NoContract_IsWrittenAsSuch() =>
        Assert.True(SpecReader.Read(SpecWriter.Write(new("iris", "model.py", null, Contract.None, null)), "s.yaml").Value.Root.Has("contract"));
}
