namespace Raywright.Core.Scanning.Pickles;

/// <summary>Lookups of names, calls, and states put into objects.</summary>
internal sealed partial class PickleMachine
{
    private static readonly GlobalValue Array = new(new("numpy", "ndarray"));

    /// <summary>What looks up, calls or changes something; null where the opcode does not.</summary>
    private bool? Call(int opcode)
    {
        switch (opcode)
        {
            case 'c': return Lookup(reader.Line(LongestLine), reader.Line(LongestLine));
            case 0x93: return LookupOnStack();
            case 'i': return Instance(reader.Line(LongestLine), reader.Line(LongestLine));
            case 'o': return Instance();
            case 'R' or 0x81: return Reduce();
            case 0x92: Pop(); return Reduce();
            case 'b': return Build();
            case 0x82: return Extension(reader.Number(1));
            case 0x83: return Extension(reader.Number(2));
            case 0x84: return Extension(reader.Number(4));
            case 'P': return reader.Line(LongestLine) is not null && Push(PickleValue.Plain);
            case 'Q': Pop(); return Push(PickleValue.Plain);
            default: return null;
        }
    }

    private bool Lookup(string? module, string? name)
    {
        if (module is null || name is null)
            return false;
        GlobalName global = new(module, name);
        // Text that is no pickle reaches this by chance, but never with two names.
        if (!global.IsPython && strict)
        {
            starved = true;
            return false;
        }
        findings.Lookup(global);
        return Push(new GlobalValue(global));
    }

    private bool LookupOnStack()
    {
        PickleValue name = Pop();
        PickleValue module = Pop();
        if (module is TextValue { Text: string m } && name is TextValue { Text: string n })
            return Lookup(m, n);
        if (MayBeText(module) && MayBeText(name))
            Opaque("a name is looked up whose text cannot be told");
        else
            starved = true;
        return Push(PickleValue.Plain);
    }

    /// <summary>Whether a value can be a text: Python takes no other for a name.</summary>
    private static bool MayBeText(PickleValue value) => value switch
    {
        TextValue => true,
        MadeValue { Maker.Name: var maker } => !GlobalRules.IsClass(maker.ModernName) && maker.ModernName is not ("ndarray" or "dtype" or "_reconstruct"),
        MadeValue => true,
        _ => value == PickleValue.UnknownText,
    };

    private bool Instance(string? module, string? name)
    {
        if (module is null || name is null || !Lookup(module, name))
            return false;
        PickleValue callee = Pop();
        return Push(Called(callee, TupleValue.Of(PopToMark())));
    }

    private bool Instance()
    {
        PickleValue[] values = PopToMark();
        if (values.Length == 0)
        {
            starved = true;
            return Push(PickleValue.Plain);
        }
        return Push(Called(values[0], TupleValue.Of(values[1..])));
    }

    private bool Reduce()
    {
        PickleValue arguments = Pop();
        PickleValue callee = Pop();
        return Push(Called(callee, arguments));
    }

    private PickleValue Called(PickleValue callee, PickleValue arguments)
    {
        switch (callee)
        {
            case GlobalValue global:
                return findings.Called(global, arguments);
            case MadeValue made:
                Tampering($"it calls a value that it has just made{(made.Maker is { } maker ? $" with {ScanNotes.Shown(maker.Name.Full)}" : "")}");
                return new MadeValue(null, arguments);
            case var other when other == PickleValue.UnknownText && !starved:
                Opaque("it calls something that cannot be told");
                return new MadeValue(null, arguments);
            default:
                // Python cannot call this either.
                starved = true;
                return new MadeValue(null, arguments);
        }
    }

    private bool Extension(long? code)
    {
        if (code is null)
            return false;
        Opaque("it uses an extension code, behind which any function may stand");
        return Push(new MadeValue(null, PickleValue.Plain));
    }

    private bool Build()
    {
        PickleValue state = Pop();
        PickleValue target = Top();
        switch (target)
        {
            case GlobalValue global:
                Tampering($"it changes {ScanNotes.Shown(global.Name.Full)} itself, for the whole process");
                return true;
            case MadeValue made:
                if (CallRules.Hook(state) is { } hook)
                    Tampering($"it puts {hook} into an object, which the next step of loading would call");
                made.State = state;
                findings.Built(made, state);
                return !arraysFollow || starved || ArrayData.Of(made) is not { } array || SkipArray(array);
            default:
                return true;
        }
    }

    /// <summary>joblib writes an array's bytes right after the object that describes it.</summary>
    private bool SkipArray(ArrayData array)
    {
        findings.Arrays++;
        // What stands on the stack is the array from here on; only the memo still has the wrapper.
        stack[^1] = new MadeValue(Array, PickleValue.Plain);
        if (reader.Offset < frameEnd)
            Tampering("it puts the bytes of an array inside a frame of opcodes, where loaders read different things");
        if (array.IsPickle)
            return Nested();
        if (array.Aligned && !(reader.Number(1) is { } padding && reader.Skip(padding)))
            return false;
        if (array.Bytes is { } bytes)
            return reader.Skip(bytes);
        Opaque("the size of an array inside it cannot be told");
        return false;
    }

    /// <summary>An array of objects is a pickle of its own in the middle of the stream.</summary>
    private bool Nested()
    {
        if (depth >= MostDepth)
        {
            Opaque("pickles are nested too deeply in it");
            return false;
        }
        PickleMachine inner = new(reader, findings, strict, arraysFollow) { depth = depth + 1 };
        bool stopped = inner.Run() == PickleEnd.Stopped;
        starved |= inner.starved;
        return stopped;
    }
}
