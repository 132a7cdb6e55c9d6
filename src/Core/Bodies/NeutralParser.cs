using System.Buffers;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>
/// Reads the neutral body of one contract (DESIGN 3) in one pass: JSON straight into typed tensors, every check on the way.
/// Made once a revision; safe for concurrent use.
/// </summary>
public sealed class NeutralParser
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Disallow };
    private readonly Contract contract;
    private readonly InputPlan[] plans;
    private readonly RowKeys keys;
    private readonly BodyLimits limits;
    private InputAssembly? spare;

    public NeutralParser(Contract contract, BodyLimits? limits = null)
    {
        this.contract = contract;
        this.limits = limits ?? BodyLimits.Default;
        plans = [.. contract.Inputs.Select(input => new InputPlan(input))];
        keys = new RowKeys(contract);
    }

    public Result<ParsedRequest> Parse(in ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
            return Parse(body.FirstSpan);
        if (body.Length > limits.Bytes)
            return TooLarge(body.Length);
        byte[] whole = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(whole);
            return Parse(whole.AsSpan(0, (int)body.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    public Result<ParsedRequest> Parse(ReadOnlySpan<byte> body)
    {
        if (body.Length > limits.Bytes)
            return TooLarge(body.Length);
        InputAssembly assembly = Interlocked.Exchange(ref spare, null) ?? new InputAssembly(plans, keys, contract.Batched, limits);
        Utf8JsonReader reader = new(body, Options);
        try
        {
            return ReadBody(ref reader, assembly);
        }
        catch (BodyFailure failure)
        {
            return failure.Problem;
        }
        catch (JsonException e)
        {
            return new Problem(Catalogue.BodyNotJson, $"The body is not JSON at byte {reader.BytesConsumed}: {FirstSentence(e.Message)}", Field: "body");
        }
        catch (InvalidOperationException)
        {
            // The reader's word for text that is not UTF-8 or has half a surrogate pair.
            return new Problem(Catalogue.BodyNotJson, $"The body has a text that is not valid Unicode near byte {reader.BytesConsumed}.", Field: "body");
        }
        finally
        {
            assembly.Clear();
            spare = assembly;
        }
    }

    private ParsedRequest ReadBody(ref Utf8JsonReader reader, InputAssembly assembly)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Form("The body is not an object.");
        bool inputs = false;
        JsonElement? parameters = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8))
            {
                if (inputs)
                    throw Twice("inputs");
                inputs = true;
                reader.Read();
                ReadInputs(ref reader, assembly);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                if (parameters is not null)
                    throw Twice("parameters");
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                    throw Form("`parameters` is not an object.");
                parameters = JsonElement.ParseValue(ref reader);
            }
            else
            {
                throw Form($"The body has the key `{InputPlan.Shorten(reader.GetString()!)}`.");
            }
        }
        if (reader.Read())
            throw Form("Something follows after the body.");
        if (!inputs)
            throw Form("The body has no `inputs`.");
        return assembly.Finish(parameters);
    }

    private void ReadInputs(ref Utf8JsonReader reader, InputAssembly assembly)
    {
        if (contract.PassThrough)
            assembly.PassThrough(ref reader);
        else if (reader.TokenType == JsonTokenType.StartObject)
            assembly.ReadObject(ref reader);
        else if (reader.TokenType == JsonTokenType.StartArray && FirstIsObject(reader) && plans is not [{ Declared.Type: DataType.Json }])
            assembly.ReadRows(ref reader);
        else if (plans.Length == 1)
            assembly.ReadOnly(ref reader);
        else
            throw new BodyFailure(new(Catalogue.BodyShape,
                $"The model has {plans.Length} inputs, so values need names: {string.Join(", ", contract.Inputs.Select(input => input.Name))}.",
                Field: "inputs", Fix: $"Write `{{\"inputs\": {{\"{contract.Inputs[0].Name}\": …}}}}`, or a list of such objects."));
    }

    private static bool FirstIsObject(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.StartObject;

    private Problem TooLarge(long length) =>
        new(Catalogue.BodyTooLarge, $"The body has {length} bytes; {limits.Bytes} are allowed.", Field: "body");

    private static BodyFailure Form(string detail) => new(new(Catalogue.BodyShape, detail, Field: "body"));

    private static BodyFailure Twice(string key) => new(new(Catalogue.InputTwice, $"The key `{key}` stands twice.", Field: key));

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and >= 0 ? text[..(end + 1)] : text;
}
