namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition EnvironmentUnknown = new(
        "RW3001", "No such environment",
        "The environment has not been set up on this server.",
        "Use one that `raywright env list` shows.", HttpStatus: 404, Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition ModelNameDiffers = new(
        "RW3002", "The spec is for another model",
        "The address names one model, the spec another.",
        "Deploy to the model that the spec names.");

    public static readonly ErrorDefinition CasesFailed = new(
        "RW3003", "Cases failed",
        "The version does not answer its cases as they expect, so it gets no traffic.",
        "Look at the cases that the message names; correct the model, or the expectation if it is wrong.", HttpStatus: 422, Exit: ExitCode.Refused);

    public static readonly ErrorDefinition QualityMissed = new(
        "RW3004", "The quality bar is missed",
        "Measured over its labelled cases, the version is worse than `tests.quality` allows.",
        "Train a better version, or lower the bar if it was wrong.", HttpStatus: 422, Exit: ExitCode.Refused);

    public static readonly ErrorDefinition NoTestExecuted = new(
        "RW3005", "No test was executed",
        "The spec promises tests, and none ran: the cases file is empty, or nothing in it has what the test needs. That is no evidence.",
        "Add cases, or remove the key from `tests`.", HttpStatus: 422, Exit: ExitCode.Refused);

    public static readonly ErrorDefinition UnitTestsFailed = new(
        "RW3006", "Unit tests failed",
        "`tests.unit` ran beside the model's files, confined and without your environment variables, and a test failed or it did not end within five minutes.",
        "Run the command in the model's folder and repair what fails. Files that the tests need lie in folders that the command names, or in `tests`.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition QuestionFailed = new(
        "RW3007", "The new revision did not answer",
        "Before any client can reach a revision it is asked one real question; this one gave no valid answer.",
        "Add a case with inputs that the model takes, or correct the model.", HttpStatus: 422);

    public static readonly ErrorDefinition NotHealthy = new(
        "RW3008", "The new revision did not become healthy",
        "The engine could not start it; what served before still serves.",
        "The message says why.", HttpStatus: 422);

    public static readonly ErrorDefinition OperationCancelled = new(
        "RW3009", "The operation was cancelled",
        "Somebody cancelled it before it had done what it was for; nothing has changed.",
        "Start it again if it is still wanted.", HttpStatus: 409, Exit: ExitCode.Cancelled);

    public static readonly ErrorDefinition FileMissingInDeploy = new(
        "RW3010", "A file of the spec is missing",
        "The spec names a file that was not sent with it.",
        "Deploy with the command line, which sends every file that the spec names.");

    public static readonly ErrorDefinition ArtifactRefused = new(
        "RW3011", "A file of the model is dangerous",
        "The scan found something that harms whoever loads it.",
        "Do not use the file unless you know where it comes from.", HttpStatus: 422, Exit: ExitCode.Refused);

    public static readonly ErrorDefinition NoEffectYet = new(
        "RW3012", "A setting has no effect yet",
        "The spec asks for something that this release reads and does not do.",
        "Nothing has to be done; the setting counts from the release that brings it.");

    public static readonly ErrorDefinition ParityDiffers = new(
        "RW3013", "The other form answers differently",
        "Two forms of a model, for example a graph and the file that it was converted from, were asked the same rows, and rows differ by more than the tolerance. In a deploy that is a warning: what serves is judged by its cases.",
        "Look at the rows that the message names. Where the difference does not matter, give these cases a `tolerance`; else convert the model again, or serve the other form.", HttpStatus: 422, Exit: ExitCode.Refused);

    public static readonly ErrorDefinition ParityNotCompared = new(
        "RW3014", "The other form could not be asked",
        "The file that `tests.parity` names could not be read, loaded or asked, so nothing is known about how it differs.",
        "The message says why. `runtime` in the spec holds for it too; remove `parity` where the file is not needed.", HttpStatus: 422);
}
