namespace Raywright.Core.Scanning.Pickles;

/// <summary>How a pickle ended.</summary>
internal enum PickleEnd
{
    /// <summary>At its STOP.</summary>
    Stopped,

    /// <summary>The data ended before it.</summary>
    CutOff,

    /// <summary>At a byte that is no opcode, or at one that has nothing to work on.</summary>
    Broken,
}

/// <summary>
/// Interprets one pickle without making any value: a stack, a memo and marks as Python's own machine has them, but of
/// what is known about values. Everything that the pickle would look up or call is told to <see cref="PickleFindings"/>.
/// </summary>
/// <param name="reader">Where the bytes come from.</param>
/// <param name="findings">What hears of lookups and calls.</param>
/// <param name="strict">
/// Whether to stop where Python would for lack of values. A lenient walk goes on, because another version of Python
/// might; a strict one tells text from pickles.
/// </param>
/// <param name="arraysFollow">
/// Whether a joblib array wrapper is followed by its raw bytes (what joblib reads) or not (what plain pickle reads).
/// </param>
internal sealed partial class PickleMachine(PickleReader reader, PickleFindings findings, bool strict, bool arraysFollow)
{
    // Beyond these a pickle exhausts the loader as well: Python's own pickler empties its stack every 1,000 items.
    private const int MostStack = 4_000_000;
    private const int MostMemo = 16_000_000;
    private const int MostGap = 1_000_000;
    private const int MostDepth = 8;

    private readonly List<PickleValue> stack = [];
    private readonly List<int> marks = [];
    private readonly List<PickleValue?> memo = [];
    private long frameEnd;
    private int depth;
    private bool starved;

    /// <summary>Whether the walk had to go on without the values it needed, which Python would not.</summary>
    public bool Guessed => starved;

    public PickleEnd Run()
    {
        while (true)
        {
            int opcode = reader.Next();
            if (opcode < 0)
                return PickleEnd.CutOff;
            findings.Count();
            if (opcode == '.')
            {
                Pop();
                return strict && starved ? PickleEnd.Broken : PickleEnd.Stopped;
            }
            bool? done = Constant(opcode) ?? Container(opcode) ?? Memo(opcode) ?? Call(opcode);
            if (stack.Count > MostStack)
                Opaque("it needs more memory than any model does while it is read");
            if (done is null || (strict && starved) || stack.Count > MostStack)
                return PickleEnd.Broken;
            if (done == false)
                return reader.Peek() < 0 ? PickleEnd.CutOff : PickleEnd.Broken;
        }
    }

    // After a step that Python fails at, nothing that follows says anything for certain; only names still count.
    private void Opaque(string detail)
    {
        if (!starved)
            findings.Opaque(detail);
    }

    private void Tampering(string detail)
    {
        if (!starved)
            findings.Tampering(detail);
    }

    private bool Push(PickleValue value)
    {
        stack.Add(value);
        return true;
    }

    private PickleValue Pop()
    {
        int floor = marks.Count == 0 ? 0 : marks[^1];
        if (stack.Count <= floor)
        {
            starved = true;
            return PickleValue.Plain;
        }
        PickleValue value = stack[^1];
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private PickleValue Top()
    {
        if (stack.Count > (marks.Count == 0 ? 0 : marks[^1]))
            return stack[^1];
        starved = true;
        return PickleValue.Plain;
    }

    private PickleValue[] PopToMark()
    {
        int from = 0;
        if (marks.Count == 0)
            starved = true;
        else
        {
            from = marks[^1];
            marks.RemoveAt(marks.Count - 1);
        }
        PickleValue[] values = [.. stack[from..]];
        stack.RemoveRange(from, stack.Count - from);
        return values;
    }

    /// <summary>Stack and containers; null where the opcode is none of these.</summary>
    private bool? Container(int opcode)
    {
        switch (opcode)
        {
            case '(': marks.Add(stack.Count); return marks.Count <= MostStack;
            case '0': Discard(); return true;
            case '1': PopToMark(); return true;
            case '2': return Push(Top());
            case ')': return Push(new TupleValue([]));
            case 't': return Push(TupleValue.Of(PopToMark()));
            case 0x85 or 0x86 or 0x87: return Tuple(opcode - 0x84);
            case ']' or 0x8F: return Push(PickleValue.Plain);
            case 'l' or 0x91: PopToMark(); return Push(PickleValue.Plain);
            case 'a': Pop(); Top(); return true;
            case 'e' or 0x90: PopToMark(); Top(); return true;
            case '}': return Push(new DictValue());
            case 'd': return Push(Entries(new DictValue(), PopToMark()));
            case 's': return Item();
            case 'u':
                PickleValue[] items = PopToMark();
                Entries(Top(), items);
                return true;
            default: return null;
        }
    }

    private void Discard()
    {
        // POP right after MARK takes the mark away.
        if (marks.Count > 0 && marks[^1] == stack.Count)
            marks.RemoveAt(marks.Count - 1);
        else
            Pop();
    }

    private bool Tuple(int count)
    {
        PickleValue[] items = new PickleValue[count];
        for (int i = count - 1; i >= 0; i--)
            items[i] = Pop();
        return Push(new TupleValue(items));
    }

    private bool Item()
    {
        PickleValue value = Pop();
        PickleValue key = Pop();
        Entries(Top(), [key, value]);
        return true;
    }

    private PickleValue Entries(PickleValue target, PickleValue[] items)
    {
        if (target is DictValue dict)
        {
            for (int i = 0; i + 1 < items.Length; i += 2)
            {
                dict.Set(items[i], items[i + 1]);
                findings.Entry(items[i], items[i + 1]);
            }
        }
        return target;
    }

    /// <summary>The memo; null where the opcode is none of it.</summary>
    private bool? Memo(int opcode)
    {
        switch (opcode)
        {
            case 'p': return Store(Index(reader.Line(20)));
            case 'q': return Store(reader.Number(1));
            case 'r': return Store(reader.Number(4));
            case 0x94: return Store(Stored);
            case 'g': return Load(Index(reader.Line(20)));
            case 'h': return Load(reader.Number(1));
            case 'j': return Load(reader.Number(4));
            default: return null;
        }
    }

    /// <summary>How many places of the memo are taken, which is where MEMOIZE writes.</summary>
    private long Stored { get; set; }

    private static long? Index(string? line) =>
        long.TryParse(line, System.Globalization.NumberStyles.AllowLeadingWhite | System.Globalization.NumberStyles.AllowTrailingWhite, System.Globalization.CultureInfo.InvariantCulture, out long index) ? index : null;

    private bool Store(long? index)
    {
        if (index is not { } at)
            return false;
        PickleValue value = Top();
        if (starved && strict)
            return false;
        if (at < 0 || at > memo.Count + MostGap || at >= MostMemo)
        {
            Opaque("it writes far beyond the values that it has, which makes a loader take all memory");
            return false;
        }
        while (memo.Count <= at)
            memo.Add(null);
        if (memo[(int)at] is null)
            Stored++;
        memo[(int)at] = findings.Keep(value);
        return true;
    }

    private bool Load(long? index)
    {
        if (index is not { } at)
            return false;
        if (at < memo.Count && memo[(int)at] is { } value)
            return Push(value);
        starved = true;
        return Push(PickleValue.UnknownText);
    }
}
