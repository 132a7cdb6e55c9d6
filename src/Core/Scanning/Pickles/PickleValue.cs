namespace Raywright.Core.Scanning.Pickles;

/// <summary>
/// What is known about a value on the stack of a pickle, without making it. Only what decides about calls is kept:
/// names, callables, arguments of calls and a few keys of states.
/// </summary>
internal class PickleValue
{
    /// <summary>A value that nothing depends on: numbers with a fraction, lists, long texts.</summary>
    public static PickleValue Plain { get; } = new();

    /// <summary>A text too long or too much to keep; it might be any name.</summary>
    public static PickleValue UnknownText { get; } = new();

    /// <summary>A tuple too long or too much to keep.</summary>
    public static PickleValue UnknownTuple { get; } = new();

    public static PickleValue None { get; } = new();

    protected PickleValue()
    {
    }
}

internal sealed class TextValue(string text) : PickleValue
{
    public string Text => text;
}

internal sealed class NumberValue(long number) : PickleValue
{
    private static readonly NumberValue[] Small = [.. Enumerable.Range(-1, 258).Select(number => new NumberValue(number))];

    public long Number => number;

    public static NumberValue Of(long number) => number is >= -1 and < 257 ? Small[number + 1] : new(number);
}

/// <summary>Bytes that were kept because they are short; long ones are <see cref="PickleValue.Plain"/>.</summary>
internal sealed class BytesValue(byte[] bytes) : PickleValue
{
    public byte[] Bytes => bytes;
}

internal sealed class TupleValue(PickleValue[] items) : PickleValue
{
    /// <summary>Longer ones are not looked into: no call that matters has so many arguments.</summary>
    public const int MostItems = 16;

    public PickleValue[] Items => items;

    public static PickleValue Of(PickleValue[] items) => items.Length <= MostItems ? new TupleValue(items) : UnknownTuple;
}

/// <summary>A dictionary, of which only the keys that decide something are kept.</summary>
internal sealed class DictValue : PickleValue
{
    private Dictionary<string, PickleValue>? entries;

    /// <summary>A key could not be told, so that it may be any.</summary>
    public bool Unclear { get; private set; }

    /// <summary>The first key that would replace a method of the instance that takes this as its state.</summary>
    public string? Hook { get; private set; }

    public PickleValue? this[string key] => entries?.GetValueOrDefault(key);

    public void Set(PickleValue key, PickleValue value)
    {
        if (key == UnknownText)
            Unclear = true;
        if (key is not TextValue { Text: string text })
            return;
        if (CallRules.IsHook(text))
            Hook ??= text;
        if (CallRules.IsDecisive(text))
            (entries ??= new(StringComparer.Ordinal))[text] = value;
    }
}

/// <summary>A function or class that was looked up by its name.</summary>
internal sealed class GlobalValue(GlobalName name) : PickleValue
{
    public GlobalName Name => name;
}

/// <summary>The result of a call.</summary>
internal sealed class MadeValue(GlobalValue? maker, PickleValue arguments) : PickleValue
{
    /// <summary>What made it; null where that is not known.</summary>
    public GlobalValue? Maker => maker;

    public PickleValue Arguments => arguments;

    public PickleValue? State { get; set; }
}
