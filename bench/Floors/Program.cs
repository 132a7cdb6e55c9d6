using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Raywright.Bench.Floors;

// One server a run, to be pinned to a core and measured from outside, or the comparison of batching in this process:
//   floors echo|onnx|pipeline PORT [MODEL.onnx]
//   floors batching PAIRS MODEL.onnx...
if (args is not [var kind, var number, .. var rest])
{
    Console.Error.WriteLine("floors echo|onnx|pipeline PORT [MODEL.onnx]\nfloors batching PAIRS MODEL.onnx...");
    return 1;
}
if (kind == "batching")
{
    foreach (string model in rest)
        await BatchingComparison.RunAsync(model, int.Parse(number, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.ListenLocalhost(int.Parse(number, System.Globalization.CultureInfo.InvariantCulture), listen => listen.Protocols = HttpProtocols.Http1);
});
await using WebApplication app = builder.Build();
switch (kind)
{
    case "echo":
        app.Run(EchoFloor.HandleAsync);
        break;
    case "onnx":
        OnnxFloor floor = new(rest[0]);
        app.Lifetime.ApplicationStopped.Register(floor.Dispose);
        app.Run(floor.HandleAsync);
        break;
    case "pipeline":
        PipelineSubject subject = await PipelineSubject.StartAsync(rest[0], app.Lifetime);
        app.Run(subject.HandleAsync);
        break;
    default:
        Console.Error.WriteLine($"no floor {kind}");
        return 1;
}
await app.RunAsync();
return 0;
