namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition ModelLoadFailed = new(
        "RW2101", "The model cannot be loaded",
        "ONNX Runtime refused the file: an operator it does not have, a graph that contradicts itself, missing data.",
        "Check the model with `onnx.checker.check_model` and export it again.");

    public static readonly ErrorDefinition ModelRunFailed = new(
        "RW2102", "The model failed on this request",
        "ONNX Runtime stopped inside the graph, for example at a shape that an operator does not take.",
        "Look at the inputs; if they fit the contract, the graph has a fault for them.", HttpStatus: 500);

    public static readonly ErrorDefinition DeadlineExceeded = new(
        "RW2103", "The model did not answer in time",
        "The run was stopped at its deadline, so that it cannot block the requests behind it.",
        "Send fewer rows, or give the replica more `resources.cpus`.", HttpStatus: 504, Retryable: true);

    public static readonly ErrorDefinition ProbeTimeout = new(
        "RW2104", "The trial run did not end",
        "Before a model is served it is loaded and asked in a process of its own; that process was still busy at its deadline and was ended.",
        "Look for endless loops in the graph, or for a model far larger than its `resources`.");

    public static readonly ErrorDefinition ProbeDied = new(
        "RW2105", "The trial run died",
        "Before a model is served it is loaded and asked in a process of its own; that process ended without an answer, so the model would have taken the server down.",
        "The message has its last words. Export the model again, or try it with plain ONNX Runtime.");

    public static readonly ErrorDefinition ProbeMemory = new(
        "RW2106", "The model needs more memory than it may have",
        "In its trial run the model asked for more memory than `resources.memory` allows.",
        "Raise `resources.memory` if the model really needs it.");

    public static readonly ErrorDefinition NoSuchProvider = new(
        "RW2107", "No GPU for this model",
        "The spec asks for GPUs, and the ONNX Runtime of this server has no execution provider for one.",
        "Remove `resources.gpus`, or deploy to a compute with GPUs.");

    public static readonly ErrorDefinition ProbeUnavailable = new(
        "RW2108", "The trial run cannot start",
        "The program that runs models, raywright-server, was not found or could not be started.",
        "Install the server beside the command line, or set RAYWRIGHT_SERVER_EXE.");

    public static readonly ErrorDefinition ModelRefused = new(
        "RW2110", "The model does not take this request",
        "The model's code raised ValueError, which says that the caller made a mistake; the text is the model's own.",
        "Change the request as the text says.", HttpStatus: 422);

    public static readonly ErrorDefinition ModelRaised = new(
        "RW2111", "The model failed on this request",
        "The model's code raised an exception that is no ValueError.",
        "`raywright logs` has the stack under the request ID. Raise ValueError where the caller is wrong.", HttpStatus: 500);

    public static readonly ErrorDefinition ReplicaDied = new(
        "RW2112", "The replica died during this request",
        "The process of the model ended while it worked on the request: it crashed, took too much memory, or was killed. It is started again.",
        "Send the request again; `raywright logs` says how it ended.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition ReplicaStarting = new(
        "RW2113", "No replica is ready",
        "Every replica of the model has ended and is being started again.",
        "Send the request again in a moment; `raywright logs` says why it ended.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition PythonMissing = new(
        "RW2114", "There is no Python for this model",
        "The model runs in Python, and no interpreter of the wanted version was found: not in an active virtual or conda environment, not in the PATH.",
        "Install Python, activate the environment with the model's libraries, or change `runtime.python`.");

    public static readonly ErrorDefinition PythonModelFailed = new(
        "RW2115", "The Python model cannot be loaded",
        "Importing the code or loading the artifact raised an exception.",
        "The message has its text and place. Load the model with the same Python by hand to see more.");

    public static readonly ErrorDefinition StreamingUnsupported = new(
        "RW2118", "The model does not stream",
        "The request accepts `text/event-stream`, and what runs the model gives answers whole.",
        "Leave the Accept header out, or ask for application/json.", HttpStatus: 406);

    public static readonly ErrorDefinition LibraryDiffers = new(
        "RW2119", "The model was saved with another version of a library",
        "Libraries promise little about files that another version of them wrote: a model may load and answer a little differently, or not at all later.",
        "Use the version that wrote the model, or save the model again with the one that runs it. Cases show whether answers differ.");

    public static readonly ErrorDefinition PackagesFailed = new(
        "RW2117", "The packages of the model cannot be installed",
        "The model's requirements are not met by the active environment, and one with them could not be made.",
        "The message has the installer's last words. Put wheels that no index has into a folder named by `runtime.wheels`.");

    public static readonly ErrorDefinition PythonLibraryMissing = new(
        "RW2116", "A library is missing",
        "The model imports a library that its Python environment does not have.",
        "Name it in a requirements file beside the model and in `runtime.requirements`, or install it into the active environment.");

    public static readonly ErrorDefinition ConverterMissing = new(
        "RW2120", "The converter is not installed",
        "A model is converted by a package of its own world: scikit-learn by skl2onnx, XGBoost and LightGBM by onnxmltools, TorchScript by PyTorch itself with the package onnx. The model's Python does not have it.",
        "Type the command that the message names, then convert again. Where the model has requirements of its own, add the package to them while you convert.", Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition ConversionFailed = new(
        "RW2121", "The model cannot be converted",
        "There is no converter for this kind of model, the converter does not know a part of it, or what it made does not keep the contract.",
        "The message has the converter's own words. The model serves as it is; only its library decides what can become a graph.", Exit: ExitCode.Refused);
}
