using System.Text.Json;
using System.Text.Json.Serialization;

namespace Raywright.Core.Api.Client;

/// <summary>
/// How the client reads: like <see cref="ApiJson"/>, but a newer server may say more than this build knows, and what is null is
/// left out on the wire.
/// </summary>
public static class ClientJson
{
    public static readonly ApiJson Lenient = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        TypeInfoResolver = null,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectRequiredConstructorParameters = false,
    });
}
