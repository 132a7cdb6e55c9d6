using System.Globalization;

namespace Raywright.Core.Scanning.Pickles;

/// <summary>The array that follows a joblib wrapper in its stream.</summary>
/// <param name="Bytes">Size of the raw bytes; null where the wrapper does not tell.</param>
/// <param name="Aligned">Whether a padding length and padding come first (joblib 1.2 and later).</param>
/// <param name="IsPickle">Whether a pickle follows instead, because the elements are objects.</param>
internal sealed record ArrayData(long? Bytes, bool Aligned, bool IsPickle)
{
    /// <summary>The array after <paramref name="made"/>, or null where it is something else.</summary>
    public static ArrayData? Of(MadeValue made)
    {
        if (made.Maker?.Name is not { Name: "NumpyArrayWrapper" } name || !name.Module.EndsWith("joblib.numpy_pickle", StringComparison.Ordinal))
            return null;
        if (made.State is not DictValue state)
            return new(null, false, false);
        bool aligned = state["numpy_array_alignment_bytes"] is NumberValue;
        if (state["dtype"] is MadeValue { Maker.Name.Name: "_convert_to_stringdtype_kwargs" or "StringDType" })
            return new(null, false, true);
        if (state["dtype"] is not MadeValue type || ElementType(type) is not { } code)
            return new(null, aligned, false);
        PickleValue[] own = (type.State as TupleValue)?.Items ?? [];
        // numpy believes the state: its eighth part has the flag of objects, its sixth the size of texts and records.
        if (code.StartsWith('O') || (own.Length > 7 && own[7] is NumberValue { Number: var flags } && (flags & 1) != 0))
            return new(null, false, true);
        long? size = code is ['U' or 'S' or 'V' or 'a', ..] && own.Length > 5 && own[5] is NumberValue { Number: >= 0 and var stated } ? stated : ElementSize(code);
        return new(Size(state["shape"], size), aligned, false);
    }

    /// <summary>The text that numpy.dtype was made with, such as <c>f8</c>, <c>U10</c> or <c>V64</c>.</summary>
    private static string? ElementType(MadeValue type) =>
        type is { Maker.Name: { Name: "dtype" }, Arguments: TupleValue { Items: [TextValue text, ..] } } ? text.Text.TrimStart('<', '>', '|', '=') : null;

    private static long? ElementSize(string type)
    {
        if (type.Length < 2 || !long.TryParse(type.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out long size))
            return type is "?" or "b" or "B" ? 1 : null;
        return type[0] switch
        {
            'U' => size > int.MaxValue ? null : size * 4,
            'b' or 'i' or 'u' or 'f' or 'c' or 'S' or 'a' or 'V' or 'm' or 'M' => size,
            _ => null,
        };
    }

    private static long? Size(PickleValue? shape, long? elementSize)
    {
        if (shape is not TupleValue { Items: var sizes } || elementSize is not { } bytes)
            return null;
        foreach (PickleValue size in sizes)
        {
            if (size is not NumberValue { Number: >= 0 and var number })
                return null;
            if (number != 0 && bytes > long.MaxValue / number)
                return long.MaxValue;
            bytes *= number;
        }
        return bytes;
    }
}
