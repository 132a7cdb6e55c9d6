using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>What is special about deploying code: unit tests, requirements, and what a person is told when it does not run.</summary>
public sealed class PythonDeployTests
{
    private const string Code = "class Model:\n    def predict(self, inputs):\n        return {'y': [x + 1 for x in inputs['x']]}\n";
    private const string Contract = "inputs: [{ name: x, type: float64, shape: [-1] }]\noutputs: [{ name: y, type: float64, shape: [-1] }]\n";
    private const string Tests = "tests: { unit: python -m unittest discover -s tests }\n";
    private const string Passing = "import unittest\nfrom model import Model\nclass T(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(Model().predict({'x': [1]}), {'y': [2]})\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Passing, "staging", "succeeded")]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    def test_wrong(self):\n        self.assertEqual(1, 2)\n", "staging", "RW3006")]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    def test_wrong(self):\n        self.assertEqual(1, 2)\n", "dev", "succeeded")]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    @unittest.skip('later')\n    def test_later(self): pass\n", "staging", "RW3005")]
    [InlineData("# nothing\n", "staging", "RW3005")]
    [InlineData("import unittest, socket\nclass T(unittest.TestCase):\n    def test_dials(self):\n        socket.create_connection(('127.0.0.1', 9))\n", "staging", "RW3006")]
    [InlineData("import os, unittest\nclass T(unittest.TestCase):\n    def test_environment(self):\n        self.assertNotIn('RAYWRIGHT_TEST_POSTGRES', os.environ)\n        self.assertEqual(len([n for n in os.environ if n.startswith('RAYWRIGHT')]), 1)\n", "staging", "succeeded")]
    public async Task UnitTests_CountAndAreConfined(string test, string environment, string outcome)
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model(Code, Contract + Tests);
        Write(model, "tests/test_model.py", test);
        Result<Operation> ended = await server.DeployAsync(model, environment);
        Assert.True(TestServer.Outcome(ended) == outcome, TestServer.Words(ended));
    }

    [Theory]
    [InlineData(Passing, true)]
    [InlineData("import unittest\nclass T(unittest.TestCase):\n    def test_wrong(self):\n        self.assertEqual(1, 2)\n", false)]
    [InlineData("# nothing\n", false)]
    public async Task InDev_UnitTestsRunBeside_AndLeaveEvidence(string test, bool passed)
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model(Code, Contract + Tests);
        Write(model, "tests/test_model.py", test);
        await server.DeployedAsync(model);
        EvidenceInfo? unit = null;
        await Eventually.TrueAsync(async () => (unit = (await server.Client.VersionsAsync("coded", Token)).Value.Items[0].Evidence.SingleOrDefault(one => one.Kind == "unit")) is not null, "evidence of the unit tests");
        Assert.Equal(passed, unit!.Passed);
        // What is known to pass is not run again; what did not, is.
        Operation again = (await server.DeployAsync(model)).Value;
        Assert.Equal(passed, again.Steps.Single(step => step.Name == "tests").Message!.Contains("tested before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task InDev_ADeployDoesNotWaitForUnitTests_AndAStopEndsThem()
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model(Code, Contract + Tests);
        Write(model, "tests/test_model.py", "import threading, unittest\nclass T(unittest.TestCase):\n    def test_for_ever(self):\n        threading.Event().wait()\n");
        await server.DeployedAsync(model);
        await server.StopAsync();
    }

    [Fact]
    public async Task AnyOtherCommand_WritesItsOwnReport()
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model(Code, Contract + "tests: { unit: sh tests/run.sh }\n");
        Write(model, "tests/run.sh", "echo '<testsuite><testcase classname=\"a\" name=\"b\"/><testcase name=\"c\"><failure message=\"no\"/></testcase></testsuite>' > $RAYWRIGHT_TEST_REPORT\n");
        Result<Operation> ended = await server.DeployAsync(model, "staging");
        Assert.Equal("RW3006", TestServer.Outcome(ended));
        Assert.Contains("1 of 2 unit tests failed: c: no", ended.Value.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALibraryThatIsMissing_IsNamed_AndWhatServesStays()
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel good = Model(Code, Contract);
        await server.DeployedAsync(good);
        using TestModel bad = Model("import no_such_library\n" + Code, Contract);
        Result<Operation> ended = await server.DeployAsync(bad);
        Assert.Equal("RW2116", TestServer.Outcome(ended));
        Assert.Contains("no_such_library", ended.Value.Problem!.Detail, StringComparison.Ordinal);
        using HttpClient client = Client(server);
        Assert.Equal(2, (await Answer(client, """{"inputs":{"x":1}}""")).GetProperty("outputs").GetProperty("y").GetDouble());
    }

    [Fact]
    public async Task WithoutAContract_JsonPassesThrough_WithParameters()
    {
        PythonHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model("class Model:\n    def predict(self, inputs, parameters=None):\n        return {'got': inputs, 'with': parameters}\n", "contract: none\n");
        await server.DeployedAsync(model);
        using HttpClient client = Client(server);
        JsonElement outputs = (await Answer(client, """{"inputs":{"a":[1,{"b":null}]},"parameters":{"t":0.5}}""")).GetProperty("outputs");
        Assert.Equal("""{"got":{"a":[1,{"b":null}]},"with":{"t":0.5}}""", outputs.GetRawText().Replace(" ", "", StringComparison.Ordinal));
    }

    private static TestModel Model(string code, string spec)
    {
        TestModel model = new("coded");
        Write(model, "model.py", code);
        return model.Spec(spec, source: "model.py");
    }

    private static void Write(TestModel model, string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(model.File(path))!);
        File.WriteAllText(model.File(path), text);
    }

    private static HttpClient Client(TestServer server)
    {
        HttpClient client = new() { BaseAddress = server.Url };
        client.DefaultRequestHeaders.Add("x-api-key", server.OwnerKey);
        return client;
    }

    private static async Task<JsonElement> Answer(HttpClient client, string body)
    {
        using HttpResponseMessage answer = await client.CallAsync("POST", "/serve/dev/predict/coded", System.Text.Encoding.UTF8.GetBytes(body));
        Assert.True(answer.Status == 200, await answer.TextAsync());
        return await answer.JsonAsync();
    }
}
