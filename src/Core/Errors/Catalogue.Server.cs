namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition PortTaken = new(
        "RW5001", "The port is taken",
        "Another program listens on the port that the server was to use.",
        "Use the free port that the message proposes: `--port N`.");

    public static readonly ErrorDefinition HomeInUse = new(
        "RW5002", "The home folder is in use",
        "Another server runs on the same home; two would write the same database.",
        "Use the running server, stop it with `raywright down`, or start this one with another `--home`.");

    public static readonly ErrorDefinition HomeNotWritable = new(
        "RW5003", "The home folder cannot be written",
        "The server keeps its database and models there; the folder is read-only, or belongs to someone else.",
        "Choose another folder with `--home`, or correct its permissions.");

    public static readonly ErrorDefinition DiskFull = new(
        "RW5004", "The disk is full",
        "A file could not be written to its end. What was there before is untouched.",
        "Free space on the disk of the home folder, then try again.", HttpStatus: 507, Retryable: true);

    public static readonly ErrorDefinition StoreUnreachable = new(
        "RW5005", "The database cannot be opened",
        "The database file is damaged or newer than this server, or the database server does not answer.",
        "Check `--store` and the server's log; restore the file from a backup if it is damaged.");

    public static readonly ErrorDefinition OptionWrong = new(
        "RW5006", "An option of the server is wrong",
        "The server does not know the option, or its value has another form.",
        "`raywright-server --help` lists the options.");

    public static readonly ErrorDefinition StoreInUse = new(
        "RW5007", "The database is in use",
        "Another server works on the same PostgreSQL database; in this release one database takes one server.",
        "Stop the other server, or name another database with `--store`.");

    public static readonly ErrorDefinition BlobMissing = new(
        "RW5101", "A file was not uploaded",
        "A deploy names a file by its digest, and the server has no such file.",
        "Upload it with `PUT /api/v1/blobs/{sha256}` before; the command line does so by itself.", HttpStatus: 409);

    public static readonly ErrorDefinition BlobDigest = new(
        "RW5102", "A file does not have its digest",
        "The bytes that arrived, or that lie on disk, do not have the SHA-256 that names them.",
        "Upload the file again.", HttpStatus: 422);

    public static readonly ErrorDefinition BlobRange = new(
        "RW5103", "A part of a file does not fit",
        "The upload goes on at another place than where the last one stopped.",
        "Ask with `HEAD` where to go on; `Upload-Offset` has the number.", HttpStatus: 409);

    public static readonly ErrorDefinition NotFound = new(
        "RW5201", "There is no such thing",
        "The name or number in the address is unknown.",
        "Check the spelling; the list commands show what there is.", HttpStatus: 404, Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition RequestInvalid = new(
        "RW5202", "The request cannot be read",
        "The body is not the JSON that the call takes: a key is unknown, missing or of another type.",
        "`/api/openapi.json` describes every call.");

    public static readonly ErrorDefinition IdempotencyReused = new(
        "RW5203", "The idempotency key was used for something else",
        "The same `Idempotency-Key` came with another request before.",
        "Use a new key for a new request.", HttpStatus: 422);

    public static readonly ErrorDefinition LinkExpired = new(
        "RW5204", "The link has expired",
        "A link that opens the app works once, for five minutes.",
        "Get a fresh one with `raywright up`, or sign in with a key.", HttpStatus: 410);

    public static readonly ErrorDefinition HostUnknown = new(
        "RW5205", "The server does not go by this name",
        "The app answers only to the names of this machine itself, so that no page of another site can reach it under a name of its own.",
        "Open the address that `raywright up` shows; behind a proxy, start the server with `--app-host NAME`.", HttpStatus: 421);

    public static readonly ErrorDefinition FormExpired = new(
        "RW5206", "The form has expired",
        "The form was not opened in this browser, or before the server's keys changed; it may come from a page of another site.",
        "Send the form again from a fresh page.");

    public static readonly ErrorDefinition PagesFull = new(
        "RW5207", "Too many pages are open",
        "Each open page of the app keeps its state in the server, which therefore takes a limited number at once.",
        "Close pages that nobody looks at, then load this one again; the command line and the API work as always.", HttpStatus: 503, Retryable: true);
}
