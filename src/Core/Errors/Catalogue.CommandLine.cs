namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition CommandLineWrong = new(
        "RW6001", "The command line is not understood",
        "A command, option or argument is unknown, missing or has another form.",
        "`raywright COMMAND --help` shows what the command takes, with examples.");

    public static readonly ErrorDefinition NoServerKnown = new(
        "RW6002", "There is no server to talk to",
        "No server runs on this home folder, and none was named.",
        "Start one with `raywright up`, or name one: `--server URL`, RAYWRIGHT_SERVER or `raywright login URL`.");

    public static readonly ErrorDefinition ServerUnreachable = new(
        "RW6003", "The server does not answer",
        "Nothing listens at the address, a firewall is in between, or the server is just starting.",
        "Check the address with `raywright doctor`; start a server on this machine with `raywright up`.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition NotSignedIn = new(
        "RW6004", "Not signed in",
        "The server wants a key, and the command has none for it.",
        "Sign in with `raywright login URL`, or give a key with `--key` or RAYWRIGHT_KEY.", HttpStatus: 401, Exit: ExitCode.NotSignedIn);

    public static readonly ErrorDefinition AnswerNotUnderstood = new(
        "RW6005", "The server's answer is not understood",
        "What answers at the address is another program, a proxy in between, or a server of a much older or newer version.",
        "Check the address; `raywright doctor` compares the versions.", HttpStatus: 502);

    public static readonly ErrorDefinition ServerProgramMissing = new(
        "RW6006", "The server program is missing",
        "`raywright` starts `raywright-server`, which lies beside it or in `server/` beside it.",
        "Install both together, or name the program in RAYWRIGHT_SERVER_EXE.", Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition ServerStartFailed = new(
        "RW6007", "The server did not start",
        "The server ended, or was not ready in time. Its last log lines stand in the message.",
        "Read the log in `logs/server.log` of the home folder; `raywright doctor` checks the machine.");

    public static readonly ErrorDefinition ServerDied = new(
        "RW6008", "The server stopped",
        "The server ended while it was being used: it was killed, ran out of memory, or failed. Its last log lines stand in the message.",
        "Run `raywright up` again: what was acknowledged is not lost, and an unfinished deploy goes on.");

    public static readonly ErrorDefinition ConfirmationMissing = new(
        "RW6009", "Confirmation is missing",
        "The command takes something away, and nobody is at a terminal to confirm it.",
        "Confirm with `--yes`.", Exit: ExitCode.Cancelled);

    public static readonly ErrorDefinition CommandCancelled = new(
        "RW6010", "Cancelled",
        "The command was interrupted or not confirmed.",
        "Run it again if that was not meant.", Exit: ExitCode.Cancelled);

    public static readonly ErrorDefinition NoModelHere = new(
        "RW6011", "There is no model here",
        "The path does not exist, or its folder has no `raywright.yaml`.",
        "Name the folder of the model, its spec or its model file.", Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition ModelNotNamed = new(
        "RW6013", "No model is named",
        "The command works on a model, none was named, and the current folder has no `raywright.yaml`.",
        "Name it; `raywright status` lists the models that are served.");

    public static readonly ErrorDefinition QuestionMissing = new(
        "RW6014", "There is nothing to ask",
        "A query needs inputs: as JSON, from a file, from standard input, or an example.",
        "Add the inputs as JSON, `@file.json`, `-` for standard input, `--case N` or `--example`.");

    public static readonly ErrorDefinition CaseUnknown = new(
        "RW6015", "There is no such case",
        "The cases file has fewer cases than the number given with `--case`, which counts from 1, or the model has no cases.",
        "Choose another number.", Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition StillInProgress = new(
        "RW6016", "Still in progress",
        "The operation has not ended yet.",
        "Ask again with `raywright status OPERATION`.", Exit: ExitCode.InProgress);

    public static readonly ErrorDefinition ConnectionLost = new(
        "RW6017", "The connection to the server was lost",
        "The server went away while the command followed an operation, and did not come back in time. What it had accepted goes on when it runs again.",
        "Look at it with `raywright status OPERATION` when the server answers again.", HttpStatus: 503, Exit: ExitCode.InProgress, Retryable: true);

    public static readonly ErrorDefinition ProfileDamaged = new(
        "RW6018", "The profile cannot be read",
        "`profile.json` in the home folder is damaged or belongs to someone else.",
        "Sign in again with `raywright login`, which writes it anew.");

    public static readonly ErrorDefinition ServerNotStopping = new(
        "RW6019", "The server does not stop",
        "The server was asked to stop and still runs.",
        "End the process that the message names.");

    public static readonly ErrorDefinition PromptWithoutTerminal = new(
        "RW6020", "A value is missing",
        "The command would ask for it, but nobody is at a terminal.",
        "Give it as the option that the message names.");

    public static readonly ErrorDefinition ServerTooDifferent = new(
        "RW6021", "The server has another version",
        "Command line and server come from different releases; most things work, some may not.",
        "Install both from the same release.");

    public static readonly ErrorDefinition FileUnreadable = new(
        "RW6022", "A file cannot be read",
        "The file named on the command line is missing or may not be read.",
        "Check the path.", Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition UploadChanged = new(
        "RW6023", "A file changed while it was sent",
        "Its content is not the one whose digest was announced.",
        "Run the command again when nothing writes the file any more.", Retryable: true);

    public static readonly ErrorDefinition FileExists = new(
        "RW6024", "The file exists already",
        "The command would write a file that lies there, and nothing is replaced unasked.",
        "Write elsewhere with `--output`, or replace it with `--force`.", Exit: ExitCode.Refused);

    public static readonly ErrorDefinition OperationHasEnded = new(
        "RW6025", "The operation has ended",
        "Only what still runs can be cancelled.",
        "`raywright status ID` shows what came of it.", Exit: ExitCode.Refused);
}
