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
}
