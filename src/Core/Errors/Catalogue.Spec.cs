namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition SpecSyntax = new(
        "RW1001", "The spec is not YAML",
        "The file is empty, too large, or breaks the rules of YAML; aliases and several documents in one file are not supported.",
        "Correct the place that the message names; `raywright init` writes a fresh spec.");

    public static readonly ErrorDefinition SpecUnknownKey = new(
        "RW1002", "An unknown key in the spec",
        "A misspelt key would be ignored silently, so every key has to be known.",
        "Use the key that the message proposes; `docs/reference/spec.md` lists all.");

    public static readonly ErrorDefinition SpecDuplicate = new(
        "RW1003", "A key stands twice in the spec",
        "Only one of the two could count.",
        "Remove one of them.");

    public static readonly ErrorDefinition SpecMissingKey = new(
        "RW1004", "A key is missing in the spec",
        "The spec says nothing without it.",
        "Add the key.");

    public static readonly ErrorDefinition SpecType = new(
        "RW1005", "A value of the wrong kind in the spec",
        "The key takes another kind of value, or a unit is missing or unknown.",
        "Write what the message proposes.");

    public static readonly ErrorDefinition SpecValue = new(
        "RW1006", "A value in the spec is not allowed",
        "The value is outside its range or not one of the allowed words.",
        "Write an allowed value; the message names them.");

    public static readonly ErrorDefinition SpecPath = new(
        "RW1007", "A path in the spec leads out of its folder",
        "Files of a model lie below its spec, so that a version can be copied whole.",
        "Write a relative path with `/` and without `..`.");

    public static readonly ErrorDefinition SpecName = new(
        "RW1008", "A name in the spec is not allowed",
        "Names become parts of addresses: lower-case letters, digits and dashes, starting with a letter; models at most 30, environments at most 12.",
        "Choose another name.");

    public static readonly ErrorDefinition SpecCombination = new(
        "RW1009", "Values in the spec contradict each other",
        "Each value is fine by itself, but not together with the other that the message names.",
        "Change one of the two.");

    public static readonly ErrorDefinition ContractMismatch = new(
        "RW1010", "The spec contradicts the artifact",
        "`inputs` or `outputs` of the spec name something that the model file does not have, or give it another type or shape.",
        "Correct the spec, or remove the key: the contract is then read from the artifact.");

    public static readonly ErrorDefinition FieldLocked = new(
        "RW1011", "The environment does not allow this value",
        "The environment locks the key or sets a bound for it.",
        "Use the environment's value, or ask whoever keeps the environment.", Exit: ExitCode.Refused);
}
