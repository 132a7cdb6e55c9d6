namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition ArtifactMissing = new(
        "RW1101", "The model file is missing",
        "The spec's `source`, or the path given on the command line, names a file that does not exist.",
        "Correct `source`, or run the command where the model lies.", Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition ArtifactEmpty = new(
        "RW1102", "The model file is empty",
        "The file has no content, as an interrupted copy or export leaves it.",
        "Export or copy the model again.");

    public static readonly ErrorDefinition ArtifactTooLarge = new(
        "RW1103", "The model file is too large",
        "One ONNX file may have 8 GiB; protobuf itself allows 2.",
        "Export the model with external data (`save_as_external_data=True`).");

    public static readonly ErrorDefinition ArtifactNotOnnx = new(
        "RW1104", "Not an ONNX model",
        "The file does not hold an ONNX graph.",
        "Give `source` the file that the exporter wrote, usually `model.onnx`.");

    public static readonly ErrorDefinition ArtifactBroken = new(
        "RW1105", "The model file is broken",
        "The file starts like a model but cannot be read to its end: it was cut off or damaged.",
        "Export or download it again and compare its size or checksum with the original.");

    public static readonly ErrorDefinition ArtifactLfsPointer = new(
        "RW1106", "A Git LFS pointer instead of the model",
        "The repository was cloned without the large files.",
        "Run `git lfs pull` in the repository, then try again.");

    public static readonly ErrorDefinition ArtifactWebPage = new(
        "RW1107", "A web page instead of the model",
        "The download answered with a page, for example a sign-in form, and it was saved under the model's name.",
        "Download the model again, signed in, and check that the file is not text.");

    public static readonly ErrorDefinition ArtifactIsPickle = new(
        "RW1108", "A Python pickle under the name of an ONNX model",
        "Loading a pickle can run any code, so a file is judged by its content and not by its name.",
        "Export the model to ONNX. If you did not expect a pickle here, do not load the file.");

    public static readonly ErrorDefinition ExternalDataMissing = new(
        "RW1109", "External data of the model is missing",
        "The ONNX graph keeps its weights in another file, which does not lie beside it.",
        "Copy the weight files together with the model; their names are in the message.");

    public static readonly ErrorDefinition ExternalDataEscapes = new(
        "RW1110", "External data outside the model's folder",
        "The ONNX graph names a weight file by an absolute path or through `..`, which would read other files of the machine.",
        "Do not use this file unless you know where it comes from; export it with weights in its own folder.");

    public static readonly ErrorDefinition OperatorUnknown = new(
        "RW1111", "An operator that cannot be served",
        "The graph uses an operator of a domain that neither ONNX Runtime nor the model itself defines.",
        "Export without custom operators, or define them as functions in the model.");

    public static readonly ErrorDefinition OpsetTooNew = new(
        "RW1112", "The opset is newer than the runtime",
        "The model was exported for a newer ONNX than the built-in ONNX Runtime knows.",
        "Export again with a lower `opset_version`.");

    public static readonly ErrorDefinition TypeUnsupported = new(
        "RW1113", "A type that cannot be served",
        "An input or output of the graph has an element type without a counterpart on the wire (bfloat16, complex, float8, 4-bit types, optional or nested sequences).",
        "Cast it inside the model before exporting, for example to float32.");

    public static readonly ErrorDefinition LocaleNeeded = new(
        "RW1114", "The model needs a locale that may be missing",
        "A StringNormalizer of the graph asks for a locale by name (en_US.UTF-8 unless it says otherwise); where the system lacks it, loading fails.",
        "Set the attribute `locale = \"C\"` on the StringNormalizer nodes and save the model again.");

    public static readonly ErrorDefinition ArtifactUnreadable = new(
        "RW1115", "A file of the model cannot be read",
        "The file belongs to another user, or the disk answered with an error.",
        "Make the file readable for the user who runs the command.");

    public static readonly ErrorDefinition FormatTooNew = new(
        "RW1116", "The file format is newer than the runtime",
        "The model was saved in a version of the ONNX file format that the built-in ONNX Runtime does not read.",
        "Save it again with `onnx.save` after setting `model.ir_version` to the version that the message names.");

    public static readonly ErrorDefinition GraphWithoutInputs = new(
        "RW1117", "The graph takes no inputs",
        "Every value of the graph is fixed, so that there is nothing to ask it.",
        "Export the model with its inputs; some exporters fold an example input into the graph.");

    public static readonly ErrorDefinition RankUnknown = new(
        "RW1118", "The graph leaves a shape open",
        "An input or output is declared without even the number of its dimensions, so that no request or answer can be checked.",
        "Run `onnx.shape_inference.infer_shapes` and save the model, or give the exporter the shapes of its inputs.");

    public static readonly ErrorDefinition ArtifactNotFound = new(
        "RW1120", "No model in the folder",
        "The folder holds no file that can be served.",
        "Name the model file, or run the command in the folder where it lies.", Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition ArtifactAmbiguous = new(
        "RW1121", "Several models in the folder",
        "More than one file could be the model, and none is called `model.onnx`.",
        "Choose one with `--source FILE`, or write `source:` in the spec.");

    public static readonly ErrorDefinition FileNotAllowed = new(
        "RW1122", "A file that may not be part of a version",
        "A version holds plain files below its folder: no links that lead out, no devices, no names that differ only in case.",
        "Copy the file itself into the folder, or leave it out of `files`.");

    public static readonly ErrorDefinition SourceUnsupported = new(
        "RW1123", "This kind of source cannot be read yet",
        "Only files beside the spec can be deployed so far; registries come in a later release.",
        "Download the model into the folder and name the file in `source`.");

    public static readonly ErrorDefinition RuntimeUnsupported = new(
        "RW1124", "This kind of model is not known",
        "Known are ONNX; Python code with a class; joblib, pickle and skops; native files of XGBoost and LightGBM; TorchScript and safetensors; folders of MLflow and Hugging Face.",
        "Export the model to one of these, or write a class with `load` and `predict` around it.");

    public static readonly ErrorDefinition DataUnreadable = new(
        "RW1130", "The data file cannot be used",
        "The file given with `--data` is missing, empty, no CSV with a header, or has rows of different length.",
        "Give a CSV file with one header line and one row a line.");

    public static readonly ErrorDefinition DataColumnMissing = new(
        "RW1131", "A column is not in the data",
        "A column that the model or `--target` needs is not in the header of the data file.",
        "Name a column of the file; the message lists them.");

    public static readonly ErrorDefinition SpecExists = new(
        "RW1132", "There is a spec already",
        "`init` never overwrites a spec that a person may have edited.",
        "Edit it, or write it anew with `--force`.");

    public static readonly ErrorDefinition FolderNotWritable = new(
        "RW1133", "The spec cannot be written",
        "The model's folder is read-only, belongs to another user, or the disk is full.",
        "Copy the model into a folder of your own, or make room, and run `init` there.");
}
