namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition ScanRunsCode = new(
        "RW1150", "Loading the file would run code",
        "A pickle may name any function of Python and have it called while it is loaded. This one names a function that starts programs, runs text, or reads and writes files or the network.",
        "Do not load the file. If you made it yourself, save only the fitted model, or export it to ONNX.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanUnknownGlobal = new(
        "RW1151", "The file needs a class that nobody has vouched for",
        "Loading the file imports a package that is not on the list of known model libraries, and importing runs that package's code.",
        "Check that you know and trust the package that the message names.");

    public static readonly ErrorDefinition ScanNotVouchedFor = new(
        "RW1166", "The file imports code that nobody has vouched for",
        "Loading the file imports modules that are on no list of known libraries, and importing runs their code. As a rule that is code of your own, beside the model.",
        "If you know the file and the modules: `--trust` vouches for exactly this file, on your own server. Elsewhere save the model without them, as a class with `predict` in a module of its own.", HttpStatus: 422, Exit: ExitCode.Refused);

    public static readonly ErrorDefinition TrustElsewhere = new(
        "RW1167", "Nobody can vouch for a file from here",
        "Code of a file's own is trusted only on one's own server: by the owner's key, from the same machine. Through a proxy or with another key a server takes nobody's word for it.",
        "Deploy to the server on your machine, or save the model without code of your own.", HttpStatus: 403, Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanOpaque = new(
        "RW1152", "Content that cannot be looked into",
        "A part of the file is encrypted, compressed in an unknown way, nested too deeply or written so that its meaning cannot be told, and a lenient loader might still load it.",
        "Save the model again without encryption, in one of the usual formats.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanTampering = new(
        "RW1153", "The pickle does what no library writes",
        "The pickle changes a class, puts a method into an object, calls a value that it has just made, or hides calls where only some loaders see them.",
        "Do not load the file; save the model again from its source.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanPickleBroken = new(
        "RW1154", "Not a complete pickle",
        "The file is named like a pickle, but is cut off, damaged or something else.",
        "Save or download it again.");

    public static readonly ErrorDefinition ScanArchivePath = new(
        "RW1155", "The archive writes outside its folder",
        "An entry has an absolute path, a drive letter, backslashes or `..`, so that unpacking would overwrite other files.",
        "Do not unpack it. Pack the model again with plain relative names.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanArchiveLink = new(
        "RW1156", "The archive holds a link or a device",
        "Links in an archive make a loader read or write other files of the machine.",
        "Pack the files themselves.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanArchiveBomb = new(
        "RW1157", "The archive unpacks to far more than it is",
        "Its content is hundreds of times larger than the file, its entries overlap, or archives are nested in archives: unpacking exhausts the machine.",
        "Do not load it. A model that is really that repetitive can be stored uncompressed.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanArchiveAmbiguous = new(
        "RW1158", "Readers would disagree about the archive",
        "Entries appear twice, are missing from the directory, or contradict it, so that different loaders see different content.",
        "Pack the model again.");

    public static readonly ErrorDefinition ScanArchiveBroken = new(
        "RW1159", "The archive is damaged",
        "The archive is cut off, or a checksum or size does not match.",
        "Save or download it again and compare its size or checksum with the original.");

    public static readonly ErrorDefinition ScanArchiveCrowded = new(
        "RW1160", "The archive has very many entries",
        "Thousands of empty entries exhaust file systems, and no model needs them.",
        "Look at what is in the archive before you load it.");

    public static readonly ErrorDefinition ScanModelCode = new(
        "RW1161", "The model file carries code",
        "A Keras Lambda layer, or a configuration that names functions outside the library, stores program code that runs when the model is loaded or asked.",
        "Replace the layer by a registered class of your own package, or export the model to ONNX.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanYamlObject = new(
        "RW1162", "The YAML file creates Python objects",
        "Tags such as `!!python/object/apply` call functions when the file is read with an unsafe loader.",
        "Remove the tags: configuration needs plain values only.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ScanRequirementSource = new(
        "RW1163", "Requirements come from elsewhere",
        "The requirements name another index, a repository, an address or a local path, whose content nobody has reviewed and which may change.",
        "Name packages with fixed versions from the index of your organisation.");

    public static readonly ErrorDefinition ScanSafetensorsBroken = new(
        "RW1164", "Not a valid safetensors file",
        "Header length, JSON, types, shapes and offsets of the tensors have to agree and to cover the file exactly.",
        "Save or download it again.");

    public static readonly ErrorDefinition ScanNumpyBroken = new(
        "RW1165", "Not a valid NumPy file",
        "The header cannot be read, or the file is shorter than the array that it declares.",
        "Save or download it again.");
}
