using System.Diagnostics;
using System.Text.Json;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>
/// <c>raywright model convert</c>. Where no converter can be installed, a double of skl2onnx stands in (python/tests/doubles): it has
/// the same call and gives real graphs, of linear models alone. scikit-learn, the child and ONNX Runtime are the real ones.
/// </summary>
public sealed class ConvertTests
{
    private const string Train = """
        import joblib, numpy
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        rows = numpy.random.default_rng(7).normal(size=(200, 4)).astype("float32")
        joblib.dump(make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, (rows[:, 0] > 0) + 1 * (rows[:, 1] > 0)), "model.joblib")
        """;

    [Fact]
    public async Task ATwinThatAnswersTheSame_IsWrittenBesideTheModel()
    {
        await using Sandbox sandbox = await ModelAsync(withConverter: true);
        Ended converted = (await sandbox.RaywrightAsync("model", "convert", "flowers")).With(0);
        Assert.Contains("10 of 10 rows agree, largest difference ", converted.Output, StringComparison.Ordinal);
        Assert.Contains("made by skl2onnx 0.0.double.", converted.Output, StringComparison.Ordinal);
        Assert.Matches(@"\d+(\.\d+)? × as fast: \d+\.\d+ ms a question instead of \d+\.\d+ ms", converted.Output);
        Assert.Contains("  source: model.onnx", converted.Output, StringComparison.Ordinal);
        Assert.Equal(["model.joblib", "model.onnx", "raywright.yaml", "tests"], Contents(sandbox));
        // What lies there now is not replaced unasked.
        (await sandbox.RaywrightAsync("model", "convert", "flowers")).With(3).Saying("error RW6024: flowers/model.onnx lies there already.");
        // It serves with the line that was said, and is compared again.
        string spec = Path.Combine(sandbox.Work, "flowers", "raywright.yaml");
        File.WriteAllText(spec, File.ReadAllText(spec).Replace("source: model.joblib", "source: model.onnx", StringComparison.Ordinal) + "  parity: model.joblib\n");
        Ended up = (await sandbox.RaywrightAsync("up", "flowers", "--detach", "--port", sandbox.PortText)).With(0);
        Assert.Contains("10 rows, largest difference ", up.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATwinThatDiffers_IsRefused_AndShown_AndNothingIsWritten()
    {
        await using Sandbox sandbox = await ModelAsync(withConverter: true, off: true);
        Ended refused = (await sandbox.RaywrightAsync("model", "convert", "flowers", "--output", "twin.onnx", "--json")).With(3).Saying("error RW3013: ", "twin.onnx was not written");
        JsonElement document = JsonElement.Parse(refused.Output);
        Assert.True(document.GetProperty("differing").GetInt32() > 0);
        JsonElement first = document.GetProperty("shown")[0];
        Assert.False(first.GetProperty("agrees").GetBoolean());
        Assert.NotEqual(first.GetProperty("one").GetString(), first.GetProperty("other").GetString());
        Assert.False(document.TryGetProperty("written", out _));
        Assert.Equal(["flowers"], Directory.EnumerateFileSystemEntries(sandbox.Work).Select(path => Path.GetFileName(path)).Where(name => name != "venv"));
        Assert.Equal(["model.joblib", "raywright.yaml", "tests"], Contents(sandbox));
        (await sandbox.RaywrightAsync("model", "convert", "flowers", "--output", "twin.onnx", "--force")).With(0).Saying();
        Assert.True(File.Exists(Path.Combine(sandbox.Work, "twin.onnx")));
    }

    [Fact]
    public async Task AConverterThatIsMissing_IsNamedWithTheCommand()
    {
        await using Sandbox sandbox = await ModelAsync(withConverter: false);
        (await sandbox.RaywrightAsync("model", "convert", "flowers")).With(5).Saying("error RW2120: skl2onnx is needed to convert the model and is not installed.", "-m pip install skl2onnx");
        Assert.Equal(["model.joblib", "raywright.yaml", "tests"], Contents(sandbox));
    }

    [Fact]
    public async Task WhatCannotBeConverted_IsSaidBeforeAnythingRuns()
    {
        await using Sandbox sandbox = new();
        sandbox.Iris();
        (await sandbox.RaywrightAsync("model", "convert", "iris")).With(3).Saying("error RW2121: model.onnx is a graph already.");
        Directory.CreateDirectory(Path.Combine(sandbox.Work, "bare"));
        (await sandbox.RaywrightAsync("model", "convert", "bare")).With(5).Saying("error RW6011: ", "raywright init bare");
    }

    /// <summary>A model of scikit-learn with a spec, and a Python that has the double of a converter or none.</summary>
    private static async Task<Sandbox> ModelAsync(bool withConverter, bool off = false)
    {
        PythonHere.Needs("sklearn", "joblib", "google.protobuf");
        Sandbox sandbox = new();
        string environment = Path.Combine(sandbox.Work, "venv"), folder = Directory.CreateDirectory(Path.Combine(sandbox.Work, "flowers")).FullName;
        await PythonAsync(PythonHere.Path!, sandbox.Work, "-m", "venv", "--without-pip", environment);
        string packages = Directory.EnumerateDirectories(Path.Combine(environment, "lib"), "site-packages", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(Path.Combine(packages, "beneath.pth"), await PythonAsync(PythonHere.Path!, sandbox.Work, "-c", "import sklearn, os; print(os.path.dirname(os.path.dirname(sklearn.__file__)))"));
        if (withConverter)
            sandbox.Copy(RepositoryRoot.Combine("python", "tests", "doubles", "skl2onnx"), Path.Combine(packages, "skl2onnx"));
        if (off)
        {
            string code = Path.Combine(packages, "skl2onnx", "__init__.py");
            File.WriteAllText(code, File.ReadAllText(code).Replace("OFF = 0.0", "OFF = 0.5", StringComparison.Ordinal));
        }
        sandbox.Variables["VIRTUAL_ENV"] = environment;
        await PythonAsync(PythonHere.Path!, folder, "-c", Train);
        (await sandbox.RaywrightAsync("init", "flowers")).With(0).Saying();
        string cases = Path.Combine(folder, "tests", "cases.jsonl");
        File.WriteAllLines(cases, Enumerable.Range(0, 10).Select(row => $$$"""{"inputs":{"features":[[{{{row}}}, {{{row - 5}}}, 0.5, {{{-row}}}]]}}"""));
        return sandbox;
    }

    private static string[] Contents(Sandbox sandbox) =>
        [.. Directory.EnumerateFileSystemEntries(Path.Combine(sandbox.Work, "flowers")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static async Task<string> PythonAsync(string python, string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(python, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
