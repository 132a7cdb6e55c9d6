namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition BodyNotJson = new(
        "RW1201", "The body is not JSON",
        "The body is empty, cut off, not UTF-8 or breaks the rules of JSON (NaN and Infinity are not JSON either).",
        "Send one JSON object; the message says at which byte reading stopped.");

    public static readonly ErrorDefinition BodyTooLarge = new(
        "RW1202", "The body is too large",
        "The body, its nesting or the number of its values is over the limit.",
        "Send fewer rows a request, or send tensors as binary data of the Open Inference Protocol.", HttpStatus: 413);

    public static readonly ErrorDefinition BodyShape = new(
        "RW1203", "The body has another form",
        "A request is exactly `{\"inputs\": …}`, with `parameters` where the model takes them: no other key, no key twice, no bare array.",
        "Wrap the values: `{\"inputs\": …}`.");

    public static readonly ErrorDefinition InputUnknown = new(
        "RW1204", "An input that the model does not have",
        "The name is neither an input nor a column of the contract.",
        "Use the names of the contract; the message lists the nearest.");

    public static readonly ErrorDefinition InputMissing = new(
        "RW1205", "An input is missing",
        "Every input that is not optional needs a value in every row.",
        "Add it; the message says its type and shape.");

    public static readonly ErrorDefinition InputTwice = new(
        "RW1206", "A key stands twice",
        "JSON allows the same key twice, and readers disagree about which one counts.",
        "Send each key once.");

    public static readonly ErrorDefinition InputType = new(
        "RW1207", "A value has another type",
        "The value does not have the type of the contract: text for a number, a fraction for an integer, a number out of the type's range.",
        "Send the type that the message names.");

    public static readonly ErrorDefinition InputShape = new(
        "RW1208", "A value has another shape",
        "The value has too many or too few dimensions or elements, or its lists differ in length.",
        "Send the shape of the contract: with the batch axis for a batch, without it for one row.");

    public static readonly ErrorDefinition InputMixed = new(
        "RW1209", "Batches and single rows are mixed",
        "Some inputs have the batch axis and some do not, or they have different numbers of rows.",
        "Give all inputs the same number of rows, or none of them the batch axis.");

    public static readonly ErrorDefinition InputNull = new(
        "RW1210", "A value is null",
        "The contract does not say that this input may be null.",
        "Send a value, or mark the input `nullable: true` in the spec if the model can take NaN.");

    public static readonly ErrorDefinition InputRange = new(
        "RW1211", "A value is out of range",
        "The contract limits this input to a range or to a list of values.",
        "Send an allowed value, or widen `min`, `max` or `values` in the spec.");

    public static readonly ErrorDefinition BatchRefused = new(
        "RW1212", "The model takes one row at a time",
        "A dimension that would be the batch is fixed in the artifact.",
        "Send one row a request, or export the model with a free batch dimension.");

    public static readonly ErrorDefinition TensorDeclaration = new(
        "RW1213", "A tensor is declared wrongly",
        "A tensor of the Open Inference Protocol needs name, datatype, shape and data, and they have to agree with each other and with the contract.",
        "Correct the tensor that the message names; the model's metadata lists datatypes and shapes.");

    public static readonly ErrorDefinition BinarySize = new(
        "RW1214", "Binary data has another size",
        "The binary part is shorter or longer than its tensors declare, or the header length is wrong.",
        "Send exactly the bytes that `binary_data_size` declares, and the length of the JSON part in `Inference-Header-Content-Length`.");

    public static readonly ErrorDefinition OutputShape = new(
        "RW1301", "The model's answer breaks its contract",
        "The model gave another number of outputs, another type or another shape than its contract says.",
        "Correct `outputs` in the spec, or the model; the request was fine.", HttpStatus: 500);

    public static readonly ErrorDefinition OutputNotFinite = new(
        "RW1302", "The model answered NaN or Infinity",
        "JSON has no such number, and the contract does not say that this output may be null.",
        "Look at the inputs of the row; if NaN is a fair answer, write `nullable: true` at the output.", HttpStatus: 500);

    public static readonly ErrorDefinition CaseUnreadable = new(
        "RW2001", "A case cannot be read",
        "A line of the cases file is not one JSON object with `inputs` and the known keys.",
        "Correct the line; `docs/reference/cases.md` shows the form.");

    public static readonly ErrorDefinition CaseFileMissing = new(
        "RW2002", "The cases file is missing",
        "`tests.cases` names a file that does not exist.",
        "Correct the path, or remove the key.", Exit: ExitCode.NotFound);
}
