using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Raywright.Core.Errors;
using Raywright.Gateway.Pipeline;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Protocols;

/// <summary>What can be read below <c>/serve</c>: metadata and health of the Open Inference Protocol, and the pages made from contracts.</summary>
internal static class ServeDocuments
{
    public static async ValueTask<Problem?> AnswerAsync(ServedRequest request, RouteTable table)
    {
        ServeAddress address = request.Address;
        EndpointRoute[] visible = [.. table.Endpoints.Where(endpoint => endpoint.Environment == address.Environment && request.Key?.Reaches(endpoint.Environment, endpoint.Model) != false)];
        ArrayBufferWriter<byte> body = new();
        switch (address.Kind)
        {
            case ServeKind.OpenApi:
                OpenApiDocument.Write(body, address.Environment, visible);
                break;
            case ServeKind.Docs:
                body.Write(Encoding.UTF8.GetBytes(DocumentationPage.Write(address.Environment, visible)));
                await AnswerSender.SendAsync(request, StatusCodes.Status200OK, "text/html; charset=utf-8", body.WrittenMemory).ConfigureAwait(false);
                return null;
            case ServeKind.InferenceServer:
                WriteServer(body);
                break;
            case ServeKind.InferenceLive:
                WriteFlag(body, "live");
                break;
            case ServeKind.InferenceReady when visible.All(endpoint => endpoint.Traffic.Count > 0):
                WriteFlag(body, "ready");
                break;
            case ServeKind.InferenceReady:
                return new(Catalogue.NoRevision, $"Not every endpoint of {address.Environment} is ready.");
            default:
                return await AnswerModelAsync(request, body).ConfigureAwait(false);
        }
        await AnswerSender.SendAsync(request, StatusCodes.Status200OK, "application/json", body.WrittenMemory).ConfigureAwait(false);
        return null;
    }

    private static async ValueTask<Problem?> AnswerModelAsync(ServedRequest request, ArrayBufferWriter<byte> body)
    {
        EndpointRoute endpoint = request.Endpoint!;
        RevisionRoute? revision = request.Address.Version is { } version ? endpoint.Pinned(version) : endpoint.Next();
        if (revision is null)
            return request.Address.Version is null
                ? new(Catalogue.NoRevision, $"No revision of {endpoint.Path} is ready.", RetryAfter: TimeSpan.FromSeconds(1))
                : new(Catalogue.VersionNotServed, $"Version {request.Address.Version} is not served at {endpoint.Path}.");
        request.Revision = revision;
        if (request.Address.Kind == ServeKind.InferenceModelReady)
            WriteFlag(body, "ready");
        else
            revision.OpenInferenceWriter.WriteMetadata(body, endpoint.Traffic.Select(share => share.Revision.Config.Version.ToString(CultureInfo.InvariantCulture)), "onnx");
        await AnswerSender.SendAsync(request, StatusCodes.Status200OK, "application/json", body.WrittenMemory).ConfigureAwait(false);
        return null;
    }

    private static void WriteServer(ArrayBufferWriter<byte> body)
    {
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteString("name"u8, "raywright");
        writer.WriteString("version"u8, typeof(ServeDocuments).Assembly.GetName().Version!.ToString(3));
        writer.WriteStartArray("extensions"u8);
        writer.WriteStringValue("binary_tensor_data");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteFlag(ArrayBufferWriter<byte> body, string name)
    {
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteBoolean(name, true);
        writer.WriteEndObject();
    }
}
