using System.Runtime.Versioning;
using Raywright.Core.Errors;
using Raywright.Ray.Local;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Local;

/// <summary>Environments are found and made; interpreters here are scripts that say what they are told to say.</summary>
[SupportedOSPlatform("linux")]
public sealed class RayEnvironmentTests : IDisposable
{
    private const string Good = """{"prefix": "PREFIX", "executable": "PREFIX/bin/python", "python": "3.11.4", "ray": "2.60.0", "missing": []}""";
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> caller = new(StringComparer.Ordinal);
    private readonly List<string> told = [];

    private string Home => folder.Combine("home");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task TheOrder_IsThatOfTheShell()
    {
        string own = Answers(EnvironmentSearch.MadeIn(Home), Good);
        caller["PATH"] = Path.Combine(folder.Path, "nothing") + ":" + Path.Combine(Answers(folder.Combine("path"), Good, "python3"), "bin");
        Assert.Equal(folder.Combine("path"), (await FindAsync()).Folder);
        caller["CONDA_PREFIX"] = Answers(folder.Combine("conda"), Good);
        Assert.Equal(caller["CONDA_PREFIX"], (await FindAsync()).Folder);
        caller["VIRTUAL_ENV"] = Answers(folder.Combine("active"), Good);
        Assert.Equal(new RayEnvironment(caller["VIRTUAL_ENV"], caller["VIRTUAL_ENV"] + "/bin/python", "2.60.0", "3.11.4"), await FindAsync());
        caller.Clear();
        Assert.Equal(own, (await FindAsync()).Folder);
    }

    [Fact]
    public async Task AFolderThatIsNamed_IsTheOnlyOne()
    {
        caller["VIRTUAL_ENV"] = Answers(folder.Combine("active"), Good);
        string named = Answers(folder.Combine("named"), Good);
        Assert.Equal(named, (await EnvironmentSearch.FindAsync(named, Home, caller, Cancellation)).Value.Folder);
        Answers(named, """{"prefix": "PREFIX", "executable": "x", "python": "3.9.1", "ray": null, "missing": []}""");
        Problem problem = Assert.Single((await EnvironmentSearch.FindAsync(named, Home, caller, Cancellation)).Problems);
        Assert.Equal(Catalogue.RayMissing, problem.Definition);
        Assert.Contains($"{named}: Python 3.9.1 without ray", problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("VIRTUAL_ENV", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatEachLacks_IsSaid()
    {
        caller["VIRTUAL_ENV"] = Answers(folder.Combine("active"), """{"prefix": "PREFIX", "executable": "x", "python": "3.11.4", "ray": "2.53.1", "missing": []}""");
        caller["CONDA_PREFIX"] = Answers(folder.Combine("conda"), """{"prefix": "PREFIX", "executable": "x", "python": "3.11.4", "ray": "2.60.0", "missing": ["fastapi", "uvicorn"]}""");
        caller["PATH"] = Path.Combine(Answers(folder.Combine("path"), "not an answer", "python3"), "bin");
        Problem problem = Assert.Single((await EnvironmentSearch.FindAsync(null, Home, caller, Cancellation)).Problems);
        Assert.Contains($"VIRTUAL_ENV ({caller["VIRTUAL_ENV"]}): ray 2.53.1 is too old", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("ray 2.60.0 without its extra \"serve\" (fastapi, uvicorn cannot be imported)", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("bin/python3 does not start or does not answer", problem.Detail, StringComparison.Ordinal);
        Assert.Contains($"there is no {EnvironmentSearch.MadeIn(Home)}/bin/python", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.54.0", true)]
    [InlineData("2.60.0", true)]
    [InlineData("3.0.0.dev0", true)]
    [InlineData("2.53.9", false)]
    [InlineData("2.9.3", false)]
    [InlineData("1.60.0", false)]
    [InlineData("", false)]
    public void TheOldestVersion_IsANumber(string version, bool enough) => Assert.Equal(enough, EnvironmentSearch.IsRecentEnough(version));

    [Fact]
    public async Task ARealPython_SaysWhatItHas()
    {
        PythonHere.Needs();
        string named = folder.Combine("real");
        FakeHead.Executable(folder.Write("real/bin/python", $"#!/bin/sh\nexec {PythonHere.Path} \"$@\"\n"));
        caller["PATH"] = Environment.GetEnvironmentVariable("PATH")!;
        caller["HOME"] = folder.Path;
        Result<RayEnvironment> found = await EnvironmentSearch.FindAsync(named, Home, caller, Cancellation);
        Assert.True(found.Ok || found.Problems[0].Detail.Contains("Python 3.", StringComparison.Ordinal) || found.Problems[0].Detail.Contains("ray 2.", StringComparison.Ordinal), string.Join('\n', found.Problems));
    }

    [Fact]
    public async Task TwoMakers_MakeOne()
    {
        Installer();
        Result<RayEnvironment>[] made = await Task.WhenAll(Maker().MakeAsync(Cancellation), Maker().MakeAsync(Cancellation));
        Assert.All(made, one => Assert.True(one.Ok, string.Join('\n', one.Problems)));
        Assert.Equal(EnvironmentSearch.MadeIn(Home), made[0].Value.Folder);
        Assert.Equal(made[0].Value, made[1].Value);
        Assert.Equal(["venv", "install ray[serve]==2.60.0"], Installed());
        Assert.Contains("Collecting ray", told);
    }

    [Fact]
    public async Task OneThatIsHalfMade_IsMadeAgain()
    {
        Installer();
        string half = Path.Combine(Answers(EnvironmentSearch.MadeIn(Home), Good), "half");
        await File.WriteAllTextAsync(half, "", Cancellation);
        Assert.True((await Maker().MakeAsync(Cancellation)).Ok);
        Assert.Equal(2, Installed().Length);
        Assert.False(File.Exists(half));
    }

    [Fact]
    public async Task OneWhoseRayIsGone_IsMadeAgain()
    {
        Installer();
        Assert.True((await Maker().MakeAsync(Cancellation)).Ok);
        File.Delete(Path.Combine(EnvironmentSearch.MadeIn(Home), "installed"));
        Assert.True((await Maker().MakeAsync(Cancellation)).Ok);
        Assert.Equal(4, Installed().Length);
    }

    [Fact]
    public async Task AnInstallerThatFails_SaysItsLastWords_AndLeavesNothing()
    {
        Installer(fails: true);
        Problem problem = Assert.Single((await Maker().MakeAsync(Cancellation)).Problems);
        Assert.Equal(Catalogue.RayInstallFailed, problem.Definition);
        Assert.Contains("ended with 7", problem.Detail, StringComparison.Ordinal);
        Assert.EndsWith("No matching distribution", problem.Detail, StringComparison.Ordinal);
        Assert.False(Directory.Exists(EnvironmentSearch.MadeIn(Home)));
    }

    [Fact]
    public async Task Uv_IsUsedWhereItIsThere()
    {
        Installer();
        FakeHead.Executable(folder.Write("base/bin/uv", $"""
            #!/bin/sh
            echo "uv $1" >> {folder.Combine("log")}
            [ "$1" = venv ] && exec {folder.Combine("base", "bin", "python3")} -m venv "$4"
            exec "$4" -m pip install "$5"

            """));
        Assert.True((await Maker().MakeAsync(Cancellation)).Ok);
        Assert.Equal(["uv venv", "venv", "uv pip", "install ray[serve]==2.60.0"], Installed());
    }

    [Fact]
    public async Task WithoutPython_ItIsSaid()
    {
        caller["PATH"] = folder.Path;
        Problem problem = Assert.Single((await Maker().MakeAsync(Cancellation)).Problems);
        Assert.Equal(Catalogue.RayInstallFailed, problem.Definition);
        Assert.Contains("no python3", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnInstallationThatIsCancelled_LeavesNothing()
    {
        Installer(hangs: true);
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<Result<RayEnvironment>> making = Maker().MakeAsync(cancel.Token);
        await Eventually.TrueAsync(() => { lock (told) return told.Contains("Collecting ray"); }, "it installs");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => making);
        Assert.False(Directory.Exists(EnvironmentSearch.MadeIn(Home)));
    }

    private async Task<RayEnvironment> FindAsync() => (await EnvironmentSearch.FindAsync(null, Home, caller, Cancellation)).Value;

    private EnvironmentMaker Maker() => new(Home, caller, line => { lock (told) told.Add(line); }, TimeProvider.System);

    private string[] Installed() => File.ReadAllLines(folder.Combine("log"));

    /// <summary>An environment whose interpreter says this; gives its folder.</summary>
    private static string Answers(string place, string answer, string name = "python")
    {
        string program = Path.Combine(place, "bin", name);
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        File.WriteAllText(program, $"#!/bin/sh\ncat <<'END'\n{answer.Replace("PREFIX", place, StringComparison.Ordinal)}\nEND\n".Replace("cat", "/bin/cat", StringComparison.Ordinal));
        FakeHead.Executable(program);
        return place;
    }

    /// <summary>A <c>python3</c> that makes an environment, whose interpreter installs, and has Ray only when it has.</summary>
    private void Installer(bool fails = false, bool hangs = false)
    {
        string end = fails ? "echo 'No matching distribution' >&2; exit 7" : hangs ? "/bin/sleep 1000" : $"echo > {EnvironmentSearch.MadeIn(Home)}/installed";
        FakeHead.Executable(folder.Write("base/inside", $$"""
            #!/bin/sh
            if [ "$1" = -c ]; then
                [ -f {{EnvironmentSearch.MadeIn(Home)}}/installed ] && echo '{{Good.Replace("PREFIX", EnvironmentSearch.MadeIn(Home), StringComparison.Ordinal)}}'
                exit 0
            fi
            for last; do :; done
            echo "$3 $last" >> {{folder.Combine("log")}}
            echo Collecting ray
            {{end}}

            """));
        FakeHead.Executable(folder.Write("base/bin/python3", $"""
            #!/bin/sh
            echo "$2" >> {folder.Combine("log")}
            /bin/mkdir -p "$3/bin"
            /bin/cp {folder.Combine("base", "inside")} "$3/bin/python"

            """));
        caller["PATH"] = folder.Combine("base", "bin");
    }
}
