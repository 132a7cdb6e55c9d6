#!/usr/bin/env dotnet
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
// Every chore of the project, so that nobody has to remember how it is done: `dotnet run dev.cs -- VERB`.
using System.Diagnostics;

string root = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
const string Solution = "Raywright.slnx";
const string Migrations = "src/Server/Store/Migrations";

(string Name, string Takes, string Does, Func<string[], int> Do)[] chores =
[
    ("build", "", "Build everything", _ => Dotnet("build", Solution, "-v", "q")),
    ("test", "[PROJECT] [FILTER…]", "Run all tests, or those of tests/PROJECT; what follows goes to the runner, e.g. --filter-class *MetricsTests", rest => Test(rest)),
    ("format", "[check]", "Put the sources into shape; `check` only says whether they are", Format),
    ("goldens", "[PROJECT]", "Run the tests and write goldens and generated pages anew; review what `git diff` shows", rest => Test(rest, ("UPDATE_GOLDENS", "1"))),
    ("migration", "NAME", "Add a migration of the store for SQLite and PostgreSQL", Migration),
    ("bench", "[NAME] [ARGUMENT…]", "Measure: without a name it lists what there is", Bench),
    ("prove", "", "Crash, chaos and simulation tests at full size; figures go to bench/results", Prove),
    ("publish", "DIR", "Publish the command line and the server for linux-x64 into DIR and run both once", Publish),
    ("ci", "", "The full check, as it runs on a clean machine", _ => Run(".ci/run", [])),
];

foreach ((string name, _, _, Func<string[], int> chosen) in chores)
{
    if (args is [var verb, .. var rest] && verb == name)
        return chosen(rest);
}
Console.Error.WriteLine("dotnet run dev.cs -- VERB\n");
foreach ((string name, string takes, string does, _) in chores)
    Console.Error.WriteLine($"  {$"{name} {takes}",-26} {does}");
return args is [] or ["--help" or "-h" or "help"] ? 0 : 1;

int Test(string[] rest, params (string, string)[] variables)
{
    if (rest is not [var project, .. var filter])
        return Run("dotnet", ["test", "--solution", Solution], variables);
    // Core, Core.Tests and EndToEnd are all names that one would type.
    string[] folders = [$"tests/{project}", $"tests/{project}.Tests"];
    return Array.Find(folders, folder => Directory.Exists(Path.Combine(root, folder))) is { } folder
        ? Run("dotnet", ["test", "--project", folder, .. filter], variables)
        : Refuse($"there is no {folders[0]} and no {folders[1]}");
}

int Format(string[] rest) => rest switch
{
    [] => Dotnet("format", Solution, "--exclude", Migrations),
    ["check"] => Dotnet("format", Solution, "--verify-no-changes", "--exclude", Migrations),
    _ => Refuse("format takes `check` or nothing"),
};

int Migration(string[] rest)
{
    if (rest is not [var name])
        return Refuse("a migration needs a name that says what changes, e.g. LedgerSeals");
    // The tool needs a build to look at, and one is enough for both.
    int status = Dotnet("tool", "restore");
    if (status == 0)
        status = Dotnet("build", "src/Server", "-v", "q");
    foreach ((string context, string folder) in new[] { ("SqliteDb", "Sqlite"), ("PostgresDb", "Postgres") })
    {
        if (status == 0)
            status = Dotnet("ef", "migrations", "add", name, "--project", "src/Server", "--no-build", "--context", context, "--output-dir", $"Store/Migrations/{folder}");
    }
    return status;
}

int Bench(string[] rest)
{
    string[] scripts = [.. Directory.EnumerateFiles(Path.Combine(root, "bench"), "compare", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order()];
    if (rest is not [var name, .. var arguments])
    {
        foreach (string script in scripts)
            Console.WriteLine($"  {Path.GetFileName(Path.GetDirectoryName(script))!.ToLowerInvariant(),-12} {script}");
        return 0;
    }
    string folder = Path.Combine("bench", char.ToUpperInvariant(name[0]) + name[1..]);
    string compare = Path.Combine(folder, "compare");
    if (!scripts.Contains(compare))
        return Refuse($"there is no {compare}");
    int status = Dotnet("build", folder, "-c", "Release", "-v", "q");
    return status == 0 ? Run(compare, arguments) : status;
}

int Prove(string[] rest) =>
    rest is [] ? Run("dotnet", ["test", "--project", "tests/EndToEnd", "-c", "Release"], ("RAYWRIGHT_PROVE", "1")) : Refuse("prove takes nothing");

int Publish(string[] rest)
{
    if (rest is not [var named])
        return Refuse("publish needs a folder");
    string folder = Path.GetFullPath(named);
    int status = Dotnet("publish", "src/Cli", "-r", "linux-x64", "-c", "Release", "-v", "q", "-o", folder);
    if (status == 0)
        status = Dotnet("publish", "src/Server", "-r", "linux-x64", "-c", "Release", "-v", "q", "--self-contained", "-o", Path.Combine(folder, "server"));
    return status == 0 ? Run("eng/try-published.sh", [folder]) : status;
}

int Dotnet(params string[] arguments) => Run("dotnet", arguments);

int Run(string program, string[] arguments, params (string Name, string Value)[] variables)
{
    Console.Error.WriteLine($"$ {string.Concat(variables.Select(variable => $"{variable.Name}={variable.Value} "))}{program} {string.Join(' ', arguments)}");
    ProcessStartInfo start = new(program.Contains('/', StringComparison.Ordinal) ? Path.Combine(root, program) : program, arguments) { WorkingDirectory = root };
    foreach ((string name, string value) in variables)
        start.Environment[name] = value;
    using Process process = Process.Start(start)!;
    process.WaitForExit();
    return process.ExitCode;
}

static int Refuse(string why)
{
    Console.Error.WriteLine($"dev: {why}");
    return 1;
}
