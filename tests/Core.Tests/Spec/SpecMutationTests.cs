using System.Text;
using CsCheck;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Xunit;

namespace Raywright.Core.Tests.Spec;

/// <summary>Whatever is done to a spec: no exception, and every problem is located inside the file.</summary>
public sealed class SpecMutationTests
{
    private const int Mutations = 5000;

    private static readonly Contract Artifact = new(
        [new InputField("features", DataType.Float32, [-1, 4])],
        [new OutputField("label", DataType.Int64, [-1]), new OutputField("probabilities", DataType.Float32, [-1, 3])]);

    private static readonly string[] Fragments =
    [
        "[", "]", "{", "}", ":", ": ", ",", "- ", "\n", "\n\n", "\t", " ", "  ", "#", "&a ", "*a", "!!python/object ", "!<tag:x> ", "|", ">", "'", "\"", "? ", "---\n", "...\n", "%YAML 9.9\n", "<<: ",
        "null", "~", "true", "-1", "1e999", ".nan", "-.inf", "0x7f", "999999999999999999999999", "-9223372036854775809", "9223372036854775807", "1e-320", "512Mi", "99999999Ti", "5ms", "24h", "0.0000001us",
        "model", "source", "inputs", "outputs", "shape", "labels", "environments", "../..", "/etc/passwd", "C:\\x", "mlflow://", "://", "none",
        "\0", "\u0001", "\u0085", "\u2028", "\uFEFF", "é", "日本", "😀", "\ud800", "\udc00", "\u202e", "\\u0000", "\"\\x00\"", "\r", "\r\n", new string('[', 40), new string('{', 40), new string('a', 500), new string('9', 500),
    ];

    private static readonly Gen<string> Fragment = Gen.Int[0, Fragments.Length - 1].Select(index => Fragments[index]);

    private static readonly Gen<Func<string, string>> CharacterEdit =
        from at in Gen.Double[0, 1]
        from length in Gen.Int[0, 3]
        from insert in Gen.OneOf(Fragment, Gen.String)
        select (Func<string, string>)(text =>
        {
            int start = (int)(at * text.Length);
            return text[..start] + insert + text[Math.Min(text.Length, start + length)..];
        });

    private static readonly Gen<Func<string, string>> LineEdit =
        from at in Gen.Double[0, 0.999]
        from to in Gen.Double[0, 0.999]
        from kind in Gen.Int[0, 4]
        from indent in Gen.Int[0, 60]
        select (Func<string, string>)(text => EditLine(text, kind, at, to, indent));

    private static readonly Gen<string> YamlValue = Gen.Recursive<string>((depth, inner) => depth > 4
        ? Fragment
        : Gen.OneOf(
            Fragment,
            Gen.Double.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Gen.Long.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            inner.Array[0, 5].Select(items => $"[{string.Join(", ", items)}]"),
            Gen.Select(Fragment, inner).Array[0, 4].Select(pairs => $"{{ {string.Join(", ", pairs.Select(pair => $"{pair.Item1}: {pair.Item2}"))} }}")));

    /// <summary>Another value behind one of the colons.</summary>
    private static readonly Gen<Func<string, string>> ValueEdit =
        from at in Gen.Double[0, 0.999]
        from value in YamlValue
        select (Func<string, string>)(text =>
        {
            int[] colons = [.. text.Index().Where(entry => entry.Item == ':').Select(entry => entry.Index)];
            if (colons.Length == 0)
                return value;
            int colon = colons[(int)(at * colons.Length)];
            int end = text.IndexOfAny([',', '\n', '}'], colon);
            return $"{text[..colon]}: {value}{(end < 0 ? "" : text[end..])}";
        });

    private static readonly Gen<string> Mutated =
        Gen.OneOf(CharacterEdit, LineEdit, ValueEdit).Array[1, 4].Select(edits => edits.Aggregate(SpecTexts.Full, (text, edit) => edit(text)));

    [Fact]
    public void AMutatedSpec_IsReadOrRefusedWithPlaces() => Mutated.Sample(text =>
    {
        Result<SpecDocument> read = SpecReader.Read(text, "s.yaml");
        Assert.All(read.Problems, problem => AssertInside(text, problem));
        if (!read.Ok)
            return;
        foreach (string environment in new[] { "dev", "prod" })
        {
            Result<ModelConfig> resolved = SpecResolver.Resolve(read.Value, new(environment), Artifact);
            Assert.All(resolved.Problems, problem => AssertInside(text, problem));
            Assert.All(SpecResolver.Resolve(read.Value, new(environment), null).Problems, problem => AssertInside(text, problem));
        }
    }, iter: Mutations, print: text => text);

    [Fact]
    public void AnyText_IsReadOrRefusedWithPlaces() => Gen.OneOf(YamlValue, Gen.String, Fragment.Array[0, 30].Select(parts => string.Concat(parts))).Sample(
        text => Assert.All(SpecReader.Read(text, "s.yaml").Problems, problem => AssertInside(text, problem)),
        iter: Mutations, print: text => text);

    [Fact]
    public void EveryPrefixOfASpec_IsReadOrRefusedWithPlaces() => Assert.All(Enumerable.Range(0, SpecTexts.Full.Length), length =>
        Assert.All(SpecReader.Read(SpecTexts.Full[..length], "s.yaml").Problems, problem => AssertInside(SpecTexts.Full[..length], problem)));

    private static string EditLine(string text, int kind, double at, double to, int indent)
    {
        List<string> lines = [.. text.Split('\n')];
        int row = (int)(at * lines.Count);
        string line = lines[row];
        switch (kind)
        {
            case 0:
                lines.RemoveAt(row);
                break;
            case 1:
                lines.Insert((int)(to * lines.Count), line);
                break;
            case 2:
                lines[row] = new string(' ', indent) + line.TrimStart();
                break;
            case 3:
                (lines[row], lines[(int)(to * lines.Count)]) = (lines[(int)(to * lines.Count)], line);
                break;
            default:
                lines[row] = line[..(int)(to * line.Length)];
                break;
        }
        return string.Join('\n', lines);
    }

    private static void AssertInside(string text, Problem problem)
    {
        string[] lines = text.Split('\n');
        SourceLocation at = Assert.NotNull(problem.Location);
        Assert.InRange(at.Line, 1, lines.Length);
        Assert.InRange(at.Column, 1, lines[at.Line - 1].Length + 1);
        Assert.False(string.IsNullOrWhiteSpace(problem.Detail));
        Assert.True(new StringBuilder(problem.Detail).Append(problem.Fix).ToString().Length < 2000, "a message that nobody can read");
    }
}
