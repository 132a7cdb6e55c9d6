using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Raywright.Core.Scanning.Pickles;

/// <summary>Calls whose harm depends on their arguments: allowed functions that can be turned into others.</summary>
internal static partial class CallRules
{
    /// <summary>Bytes that are kept in case they are an inner pickle.</summary>
    public const int LongestBytes = 16 << 20;

    // A hostile bytearray(10**12) needs no bytes in the file.
    private const long MostRoom = 1L << 32;

    /// <summary>Libraries use it for one class method of zoneinfo; everything else is a way around every list.</summary>
    public const string AttributeGetter = "builtins.getattr";

    private static readonly FrozenSet<string> Hooks = new[]
    {
        "__setstate__", "__reduce__", "__reduce_ex__", "__getattr__", "__getattribute__", "__setattr__", "__class__", "__code__",
        "__globals__", "__builtins__", "__call__", "__new__", "__init__", "__del__", "__setitem__",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Decisive = new[] { "dtype", "shape", "numpy_array_alignment_bytes", "_parse_arg_template" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether an attribute of this name in the state of an object replaces a method that loading calls.</summary>
    public static bool IsHook(string name) => Hooks.Contains(name);

    /// <summary>Whether the value under this key decides how the rest of the pickle is read.</summary>
    public static bool IsDecisive(string name) => Decisive.Contains(name);

    /// <summary>The hook in a state, which is a dictionary or a tuple with one.</summary>
    public static string? Hook(PickleValue state) => state switch
    {
        DictValue dict => dict.Hook,
        TupleValue tuple => tuple.Items.OfType<DictValue>().Select(dict => dict.Hook).FirstOrDefault(hook => hook is not null),
        _ => null,
    };

    public static PickleValue Call(PickleFindings findings, GlobalValue callee, PickleValue arguments)
    {
        PickleValue[]? items = (arguments as TupleValue)?.Items;
        if (callee.Name.Modern == AttributeGetter)
            return Attribute(findings, callee.Name, items, arguments);
        if (items?.OfType<GlobalValue>().Any(item => item.Name.Modern == AttributeGetter) ?? false)
            findings.RunsCode("it passes builtins.getattr on, which reaches everything");
        if (!GlobalRules.MayBeCalled(callee.Name) && GlobalRules.Judge(callee.Name) != GlobalJudgement.Dangerous)
            findings.Tampering($"it calls {ScanNotes.Shown(callee.Name.Full)} while it is loaded, which no library does");
        if (!KeepsItsArguments(callee.Name) && items?.OfType<GlobalValue>().FirstOrDefault(item => GlobalRules.Judge(item.Name) == GlobalJudgement.Reference) is { } passed)
            findings.Tampering($"it has {ScanNotes.Shown(callee.Name.Full)} call {ScanNotes.Shown(passed.Name.Full)} while it is loaded");
        switch (callee.Name.Modern)
        {
            case "numpy.core._ufunc_reconstruct" or "numpy._core._ufunc_reconstruct":
                return Ufunc(findings, items, arguments);
            case "builtins.type" when items is not { Length: 1 }:
                findings.RunsCode("it makes a new class with builtins.type");
                break;
            case "builtins.bytearray" or "builtins.bytes" when items is [NumberValue { Number: > MostRoom or < 0 }, ..]:
                findings.Opaque("it asks for more memory than any machine has");
                break;
            case "copyreg._reconstructor" or "copyreg.__newobj__" or "copyreg.__newobj_ex__" when items is [GlobalValue type, ..]:
                return new MadeValue(type, arguments);
            case "torch.storage._load_from_bytes":
                Load(findings, items);
                break;
            default:
                break;
        }
        return new MadeValue(callee, arguments);
    }

    public static void Build(PickleFindings findings, MadeValue made, PickleValue state)
    {
        // scipy executes this text when a distribution is loaded; only its own template is let through.
        if (made.Maker?.Name is { Root: "scipy" } name && name.ModernModule.StartsWith("scipy.stats", StringComparison.Ordinal)
            && !(state is DictValue { Unclear: false } dict && (dict["_parse_arg_template"] is null || (dict["_parse_arg_template"] is TextValue text && Template().IsMatch(text.Text)))))
            findings.RunsCode($"{ScanNotes.Shown(name.Full)} would execute text from the file when it is loaded");
    }

    /// <summary>Whether a call only stores its arguments; a function that restores objects may call them.</summary>
    private static bool KeepsItsArguments(GlobalName callee) =>
        GlobalRules.IsClass(callee.Name) || callee.Modern is "functools.partial" or "collections.defaultdict" or "numpy.vectorize" or "operator.itemgetter";

    /// <summary>numpy takes any module and any name here, so that this is a lookup like any other.</summary>
    private static PickleValue Ufunc(PickleFindings findings, PickleValue[]? items, PickleValue arguments)
    {
        if (items is not [TextValue module, TextValue name, ..])
        {
            findings.Opaque("a name is looked up whose text cannot be told");
            return new MadeValue(null, arguments);
        }
        GlobalName global = new(module.Text, name.Text);
        findings.Lookup(global);
        return new GlobalValue(global);
    }

    private static PickleValue Attribute(PickleFindings findings, GlobalName getter, PickleValue[]? items, PickleValue arguments)
    {
        if (items is [GlobalValue { Name: var of }, TextValue { Text: var name }] && new GlobalName(of.Module, $"{of.Name}.{name}") is var global && GlobalRules.Judge(global) == GlobalJudgement.Allowed)
        {
            findings.Excuse(getter);
            return new GlobalValue(global);
        }
        findings.RunsCode("loading it uses builtins.getattr, which reaches everything");
        return new MadeValue(null, arguments);
    }

    private static void Load(PickleFindings findings, PickleValue[]? items)
    {
        if (items is [BytesValue bytes, ..])
            findings.Inner.Add(bytes.Bytes);
        else
            findings.Opaque("torch.storage._load_from_bytes loads a pickle that cannot be seen");
    }

    [GeneratedRegex(@"^\ndef _parse_args\(self, [\w,= .]*\):\n    return \([\w, ]*\), [\w,= .]*\n\ndef _parse_args_rvs\(self, [\w,= .]*\):\n    return self\._argcheck_rvs\([\w, ]*, size=size\)\n\ndef _parse_args_stats\(self, [\w,= .]*, moments='mv'\):\n    return \([\w, ]*\), [\w,= .]*, moments\n\z", RegexOptions.CultureInvariant)]
    private static partial Regex Template();
}
