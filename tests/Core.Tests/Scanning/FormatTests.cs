using System.Buffers.Binary;
using System.Text;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

public sealed class FormatTests
{
    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, true)]
    [InlineData("""{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, true)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, false)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"v":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, false)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, false)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, false)]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, false)]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, false)]
    [InlineData("""{"w":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", 8, false)]
    [InlineData("""{"w":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", 8, false)]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, false)]
    public void Safetensors_AreCheckedWhole(string header, int data, bool valid)
    {
        byte[] bytes = new byte[8 + header.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        Encoding.UTF8.GetBytes(header, bytes.AsSpan(8));
        ScannedFile file = Scanned.Bytes(bytes, "model.safetensors");
        Assert.Equal(valid ? [] : [Catalogue.ScanSafetensorsBroken], file.Findings.Select(finding => finding.Problem.Definition));
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 16, ScanVerdict.Benign)]
    [InlineData("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", 24, ScanVerdict.Benign)]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", 16, ScanVerdict.Invalid)]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 8), }", 16, ScanVerdict.Invalid)]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 16, ScanVerdict.Invalid)]
    public void NumpyArrays_HaveTheBytesThatTheyDeclare(string header, int data, ScanVerdict verdict) =>
        Assert.Equal(verdict, Scanned.Bytes(Array(header, new byte[data]), "a.npy").Verdict);

    [Theory]
    [InlineData("'|O'")]
    [InlineData("'object'")]
    [InlineData("'i4,O'")]
    [InlineData("'\\x4f'")]
    [InlineData("[('a', '|O')]")]
    public void ANumpyArrayOfObjects_IsScannedHoweverItSaysSo(string type) =>
        Assert.Equal(ScanVerdict.Malicious, Scanned.Bytes(Array($"{{'descr': {type}, 'fortran_order': False, 'shape': (1,), }}", "cposix\nsystem\n(Vtrue\ntR."u8.ToArray()), "a.npy").Verdict);

    [Fact]
    public void ASecondArrayInTheFile_IsScanned()
    {
        byte[] first = Array("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", new byte[16]);
        byte[] second = Array("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "cposix\nsystem\n(Vtrue\ntR."u8.ToArray());
        Assert.Equal(ScanVerdict.Benign, Scanned.Bytes([.. first, .. first], "a.npy").Verdict);
        Assert.Equal(ScanVerdict.Malicious, Scanned.Bytes([.. first, .. first, .. second], "a.npy").Verdict);
    }

    [Theory]
    [InlineData("numpy==2.0\nscikit-learn>=1.5  # https://example.invalid\n\n# -r other.txt\n--require-hashes\n", false)]
    [InlineData("pandas[excel]>=2; python_version > '3.9'", false)]
    [InlineData("--index-url http://127.0.0.1:9", true)]
    [InlineData("-r other.txt", true)]
    [InlineData("--extra-\\\nindex-url=http://127.0.0.1:9", true)]
    [InlineData("numpy\r--trusted-host example.invalid", true)]
    [InlineData("x @ https://example.invalid/x.whl", true)]
    [InlineData("git+ssh://git@example.invalid/x", true)]
    [InlineData("./local", true)]
    [InlineData("wheels/x-1.0-py3-none-any.whl", true)]
    public void Requirements_FromElsewhere_AreSuspicious(string text, bool suspicious) =>
        Assert.Equal(suspicious ? ScanVerdict.Suspicious : ScanVerdict.Benign, Scanned.Text(text, "requirements-dev.txt").Verdict);

    [Theory]
    [InlineData("a: !!python/object/apply:os.system ['true']", true)]
    [InlineData("%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!name:os.system ''", true)]
    [InlineData("a: !<tag:yaml.org,2002:python/object/new:os.popen> [x]", true)]
    [InlineData("a: !!python/module:os ''", true)]
    [InlineData("a: [unclosed\nb: !!python/object/apply:os.system ['true']", true)]
    [InlineData("a: !!python/tuple [1, 2]", false)]
    [InlineData("a: '!!python/object/apply:os.system is dangerous'", false)]
    [InlineData("a: 1 # !!python/object/apply:os.system", false)]
    public void YamlThatMakesObjects_IsMalicious(string text, bool malicious) =>
        Assert.Equal(malicious ? ScanVerdict.Malicious : ScanVerdict.Benign, Scanned.Text(text, "config.yaml").Verdict);

    [Theory]
    [InlineData("""{"class_name": "Lambda"}""", ScanVerdict.Malicious)]
    [InlineData("""{"class_name": "\u004cambda"}""", ScanVerdict.Malicious)]
    [InlineData("""{"class_name": "Lambda", "class_name": "Dense"}""", ScanVerdict.Malicious)]
    [InlineData("""{"layers": [{"class_name": "system", "module": "os", "config": {}}]}""", ScanVerdict.Malicious)]
    [InlineData("""{"module": "builtins", "class_name": "function", "config": "eval"}""", ScanVerdict.Malicious)]
    [InlineData("""{"module": "keras.utils", "class_name": "get_file"}""", ScanVerdict.Malicious)]
    [InlineData("""{"__class__": "system", "__module__": "posix", "__loader__": "FunctionNode"}""", ScanVerdict.Malicious)]
    [InlineData("""{"module": "builtins", "class_name": "function", "config": "my_loss"}""", ScanVerdict.Suspicious)]
    [InlineData("""{"module": "my_company.layers", "class_name": "Attention"}""", ScanVerdict.Suspicious)]
    [InlineData("""{"module": "keras.layers", "class_name": "Dense", "config": {"name": "Lambda"}}""", ScanVerdict.Benign)]
    [InlineData("""{"__class__": "Pipeline", "__module__": "sklearn.pipeline"}""", ScanVerdict.Benign)]
    [InlineData("""{"class_name": "Dense", "text": "Lambda", "list": ["Lambda"], "broken""", ScanVerdict.Benign)]
    public void AModelConfiguration_IsJudgedByTheNamesInIt(string text, ScanVerdict verdict) =>
        Assert.Equal(verdict, Scanned.Text(text, "config.json").Verdict);

    [Theory]
    [InlineData("model.pkl", ScanVerdict.Invalid)]
    [InlineData("model.onnx", ScanVerdict.Invalid)]
    [InlineData("__init__.py", ScanVerdict.Benign)]
    public void AnEmptyFile_IsInvalidWhereAModelShouldBe(string name, ScanVerdict verdict) => Assert.Equal(verdict, Scanned.Bytes([], name).Verdict);

    [Theory]
    [InlineData("model.csv", "cat\nsat\n(1,2)\n")]
    [InlineData("readme.md", "c\nd\n.")]
    [InlineData("formula.txt", "x^2 + y^2")]
    [InlineData("page.html", "<html><body>hello</body></html>")]
    [InlineData("notes.txt", "never call os.system('rm') or eval(input())")]
    public void OrdinaryText_IsBenign(string name, string text) => Assert.Empty(Scanned.Text(text, name).Findings);

    private static byte[] Array(string header, byte[] data)
    {
        byte[] prefix = [0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length & 0xFF), (byte)(header.Length >> 8)];
        return [.. prefix, .. Encoding.Latin1.GetBytes(header), .. data];
    }
}
